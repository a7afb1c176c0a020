//! What several of Sequence's bodies and paths have in common.

use super::NO_POLICY;
use crate::{Api, failure::Failure, policy_fields::TypesField};
use ::herald::{
    dialect::Dialect,
    fields::{Fields, TEXTS},
    id::PolicyId,
    invalid::FieldErrors,
    policy::Policy,
    recipient::{Channel, Target},
    tenant::Tenant,
};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::{collections::HashMap, convert::Infallible};

/// How Sequence's bodies name event types.
pub(super) const TYPES: TypesField = TypesField {
    dialect: Dialect::Sequence,
    name: "notificationTypes",
    called: "a notification type",
    none: "must name at least one type; on creation, leave it out for all types",
};

/// What a path names as a policy. It is looked at when the caller is known.
pub(super) struct PolicyPath(Option<PolicyId>);

impl<S: Send + Sync> FromRequestParts<S> for PolicyPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        let id = path
            .ok()
            .and_then(|Path(path)| path.get("id")?.parse().ok());
        Ok(Self(id))
    }
}

impl Api {
    /// A tenant's policy of this dialect. A path that names none by its form is answered like one
    /// whose policy is not there.
    pub(super) async fn sequence_policy(
        &self,
        owner: Tenant,
        PolicyPath(id): PolicyPath,
    ) -> Result<Policy, Failure> {
        let policy = match id {
            Some(id) => self.store.policy(owner, id).await?,
            None => None,
        };
        policy
            .filter(|policy| policy.dialect == Dialect::Sequence)
            .ok_or(Failure::NotFound(NO_POLICY))
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
