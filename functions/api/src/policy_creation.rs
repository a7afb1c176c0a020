//! Making a policy, whatever the dialect: its secret is made where none is given, and a repeated
//! request makes it once.

use crate::{Api, caller::Caller, cybersource::SCOPE_DATA, failure::Failure};
use ::herald::{
    dialect::Dialect,
    policy::{Headers, Policy, PolicyDraft, PolicyRef, Secrets, WantedPolicyStatus},
    recipient::Channel,
    secret::Secret,
    store::{Created, Idempotency},
};

/// A policy that a body asks for.
#[derive(Debug)]
pub(crate) struct NewPolicy {
    /// What it is made from.
    pub(crate) draft: PolicyDraft,
    /// What its webhooks shall be signed with, where the caller chose it.
    pub(crate) secret: Option<Secret>,
    /// What its webhooks shall carry.
    pub(crate) headers: Headers,
}

impl Api {
    /// Makes a policy, or finds the one that the same request made before.
    pub(crate) async fn create_policy(
        &self,
        caller: &Caller,
        wanted: NewPolicy,
        idempotency: Option<&Idempotency>,
    ) -> Result<Policy, Failure> {
        self.create_policy_as(caller, wanted, idempotency, None)
            .await
    }

    /// The same, with a status that somebody asks for.
    pub(crate) async fn create_policy_as(
        &self,
        caller: &Caller,
        wanted: NewPolicy,
        idempotency: Option<&Idempotency>,
        status: Option<WantedPolicyStatus>,
    ) -> Result<Policy, Failure> {
        let policy = self.draw_policy(caller, wanted, status).await?;
        match self.store.create_policy(&policy, idempotency).await? {
            Created::New => Ok(policy),
            Created::Again(earlier) if earlier.dialect == policy.dialect => Ok(earlier),
            Created::Again(_) | Created::Conflict => Err(key_was_used()),
        }
    }

    /// A policy that is about to be written, with all that must stand before it.
    pub(crate) async fn draw_policy(
        &self,
        caller: &Caller,
        wanted: NewPolicy,
        status: Option<WantedPolicyStatus>,
    ) -> Result<Policy, Failure> {
        let NewPolicy {
            mut draft,
            secret,
            headers,
        } = wanted;
        let owner = caller.tenant();
        let now = self.clock.now();
        let id = self.random.policy_id(now);
        let secrets = match draft.channel {
            Channel::Email => None,
            Channel::Webhook if draft.dialect.has_account_key() => {
                self.require_signing_key(owner).await?;
                None
            }
            Channel::Webhook => {
                let secret = secret.unwrap_or_else(|| self.new_secret());
                let context = Policy::seal_context(owner, id);
                Some(Secrets::of(self.vault.seal(&context, &secret).await?))
            }
        };
        draft.details.headers = headers.seal(&self.vault, owner, id).await?;
        let reference = PolicyRef {
            owner,
            organisation: caller.account.organisation(),
            id,
        };
        let mut policy = Policy::new(draft, reference, secrets, &*self.random, now);
        if let Some(status) = status {
            policy.status = policy.status.asked(status, policy.health.is_some(), now);
        }
        policy
            .check_hints("eventTypes")
            .map_err(|rule| Failure::field(accounts_field(policy.dialect), rule))?;
        self.put_up_signposts(caller, &policy).await?;
        self.prepare_probe(None, &policy).await?;
        Ok(policy)
    }

    /// A secret for a policy.
    pub(crate) fn new_secret(&self) -> Secret {
        Secret::for_policy(self.random.bytes())
    }
}

/// What is told where an idempotency key is not this request's.
pub(crate) fn key_was_used() -> Failure {
    let detail = "was used for another request, or for a policy that is deleted";
    Failure::Conflict(detail.to_owned())
}

/// What the bodies of a dialect call the accounts that a policy hears, where those times its types
/// can be too many.
const fn accounts_field(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Cybersource => SCOPE_DATA,
        Dialect::Herald | Dialect::Sequence | Dialect::Lune | Dialect::Pulse => "scope.accounts",
    }
}
