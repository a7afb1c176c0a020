//! What a policy's webhooks are signed with, for callers who may see secrets.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{policy::Policy, secret::Secret};

impl Api {
    /// The secret of a policy, where it has one and the caller may see it.
    pub(crate) async fn shown_secret(
        &self,
        caller: &Caller,
        policy: &Policy,
    ) -> Result<Option<Secret>, Failure> {
        match &policy.secrets {
            Some(secrets) if caller.sees_secrets() => {
                let place = Policy::secret_place(policy.owner, policy.id);
                Ok(Some(self.vault.open(&place, &secrets.newest).await?))
            }
            _ => Ok(None),
        }
    }
}
