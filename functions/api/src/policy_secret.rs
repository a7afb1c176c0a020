//! What a policy's webhooks are signed with: shown to callers who may see secrets, and rotated.

use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{policy::Policy, secret::Secret, store::Changed};
use http::{HeaderName, header::CACHE_CONTROL};
use jiff::Timestamp;

/// No cache keeps a secret (RFC 9111, section 5.2.2.5).
pub(crate) const NOT_KEPT: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

impl Api {
    /// The secret of a policy, where it has one and the caller may see it.
    pub(crate) async fn shown_secret(
        &self,
        caller: &Caller,
        policy: &Policy,
    ) -> Result<Option<Secret>, Failure> {
        if caller.sees_secrets() {
            self.newest_secret(policy).await
        } else {
            Ok(None)
        }
    }

    /// The secret of a policy, where it has one.
    pub(crate) async fn newest_secret(&self, policy: &Policy) -> Result<Option<Secret>, Failure> {
        let Some(secrets) = &policy.secrets else {
            return Ok(None);
        };
        let context = Policy::seal_context(policy.owner, policy.id);
        Ok(Some(self.vault.open(&context, &secrets.newest).await?))
    }

    /// Has a policy sign with another secret from the next webhook on; the one before counts until
    /// an instant.
    pub(crate) async fn rotate_policy_secret(
        &self,
        policy: &Policy,
        secret: &Secret,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Changed, Failure> {
        let context = Policy::seal_context(policy.owner, policy.id);
        let sealed = self.vault.seal(&context, secret).await?;
        self.store
            .change_policy(policy.owner, policy.id, |policy| {
                Ok(policy.rotate_secret(sealed.clone(), until, now))
            })
            .await
    }
}
