//! What several of Sequence's bodies and paths have in common.

use super::NO_POLICY;
use crate::{Api, failure::Failure, policy_fields::TypesField, policy_path::PolicyPath};
use ::herald::{
    dialect::Dialect,
    fields::{Fields, TEXTS},
    invalid::FieldErrors,
    policy::Policy,
    recipient::{Channel, Target},
    tenant::Tenant,
};

/// How Sequence's bodies name event types.
pub(super) const TYPES: TypesField = TypesField {
    dialect: Dialect::Sequence,
    name: "notificationTypes",
    called: "a notification type",
    none: "must name at least one type; on creation, leave it out for all types",
};

impl Api {
    /// A tenant's policy of this dialect.
    pub(super) async fn sequence_policy(
        &self,
        owner: Tenant,
        path: PolicyPath,
    ) -> Result<Policy, Failure> {
        self.dialect_policy(Dialect::Sequence, owner, path, NO_POLICY)
            .await
    }
}

/// The recipients of a body.
pub(super) fn recipients(
    api: &Api,
    fields: &Fields,
    channel: Option<Channel>,
    errors: &mut FieldErrors,
) -> Option<Vec<Target>> {
    let texts: Vec<String> = fields.required("recipients", TEXTS, errors)?;
    let named = |(index, text)| (format!("recipients[{index}]"), text);
    let texts: Vec<_> = texts.into_iter().enumerate().map(named).collect();
    api.read_targets(&texts, channel, errors)
}
