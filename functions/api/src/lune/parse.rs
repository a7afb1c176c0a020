//! What Lune's bodies and paths have in common.

use super::NO_WEBHOOK;
use crate::{Api, caller::Caller, failure::Failure, policy_path::PolicyPath};
use ::herald::{
    dialect::Dialect,
    fields::{Fields, TEXT, TEXTS},
    id::AccountId,
    invalid::FieldErrors,
    policy::Policy,
    recipient::Target,
    tenant::Tenant,
};

/// The field that holds where a webhook goes.
pub(super) const URL: &str = "url";

/// The field that holds whose events it pushes.
pub(super) const ACCOUNT_IDS: &str = "account_ids";

impl Api {
    /// A tenant's webhook.
    pub(super) async fn lune_webhook(
        &self,
        owner: Tenant,
        path: PolicyPath,
    ) -> Result<Policy, Failure> {
        self.dialect_policy(Dialect::Lune, owner, path, NO_WEBHOOK)
            .await
    }

    /// Where a body wants a webhook to go. What breaks a rule is noted.
    pub(super) fn read_target(&self, fields: &Fields, errors: &mut FieldErrors) -> Option<Target> {
        let text: String = fields.required(URL, TEXT, errors)?;
        errors.check(URL, self.read_url(&text))
    }

    /// The accounts whose events a body wants; `None` where it names none. What breaks a rule is
    /// noted.
    pub(super) async fn read_account_ids(
        &self,
        caller: &Caller,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<Vec<AccountId>>, Failure> {
        match fields.optional::<Vec<String>>(ACCOUNT_IDS, TEXTS, errors) {
            Some(names) => {
                self.read_accounts(caller, ACCOUNT_IDS, &names, errors)
                    .await
            }
            None => Ok(None),
        }
    }
}
