//! Making a policy, whatever the dialect: its secret is made where none is given, and a repeated
//! request makes it once.

use crate::{Api, failure::Failure};
use ::herald::{
    policy::{Policy, PolicyDraft, Secrets},
    recipient::Channel,
    secret::Secret,
    store::{Created, Idempotency},
    tenant::Tenant,
};

impl Api {
    /// Makes a policy, or finds the one that the same request made before.
    ///
    /// * `secret`: what its webhooks shall be signed with, where the caller chose it.
    pub(crate) async fn create_policy(
        &self,
        owner: Tenant,
        mut draft: PolicyDraft,
        secret: Option<Secret>,
        extras: Extras,
    ) -> Result<Policy, Failure> {
        let now = self.clock.now();
        let id = self.random.policy_id(now);
        let secrets = match draft.channel {
            Channel::Email => None,
            Channel::Webhook => {
                let secret = secret.unwrap_or_else(|| self.new_secret());
                let place = Policy::secret_place(owner, id);
                Some(Secrets::of(self.vault.seal(&place, &secret).await?))
            }
        };
        if let Some(headers) = extras.headers {
            let place = Policy::headers_place(owner, id);
            draft.details.headers = Some(self.vault.seal(&place, &headers).await?);
        }
        let policy = Policy::new(draft, (owner, id), secrets, &*self.random, now);
        let idempotency = extras.idempotency.as_ref();
        match self.store.create_policy(&policy, idempotency).await? {
            Created::New => Ok(policy),
            Created::Again(policy) => Ok(policy),
            Created::Conflict => {
                let detail = "was used for another request, or for a policy that is deleted";
                Err(Failure::Conflict(detail.to_owned()))
            }
        }
    }

    /// A secret for a policy.
    pub(crate) fn new_secret(&self) -> Secret {
        Secret::for_policy(self.random.bytes())
    }
}

/// What not every creation has.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// The headers of its webhooks, to be sealed.
    pub(crate) headers: Option<Secret>,
    /// What makes a repeated request the same one.
    pub(crate) idempotency: Option<Idempotency>,
}
