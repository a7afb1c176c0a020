//! The key that signs all webhooks of an account, in dialects that have one for each account.

use crate::{Api, failure::Failure};
use ::herald::{
    secret::Secret,
    signing_key::{KeyId, NewKey, SigningKey, key_secret},
    tenant::Tenant,
};
use jiff::SignedDuration;

/// How long a key is good for, unless its owner says otherwise.
pub(crate) const USUAL_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How long the key before counts beside a new one: time enough to give receivers the new one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// How often a key is made again that another request overtakes.
const MAX_ROUNDS: u32 = 5;

impl Api {
    /// Has an account have a key.
    pub(crate) async fn require_signing_key(&self, owner: Tenant) -> Result<(), Failure> {
        if self.store.signing_key(owner).await?.is_none() {
            let (key, _) = self.new_key(owner, USUAL_LIFE).await?;
            // Where another request made one meanwhile, that one counts.
            self.store
                .keep_signing_key(owner, &SigningKey::first(key))
                .await?;
        }
        Ok(())
    }

    /// Gives an account another key, or its first. With it comes its secret.
    ///
    /// * `life`: how long it is good for.
    pub(crate) async fn make_signing_key(
        &self,
        owner: Tenant,
        life: SignedDuration,
    ) -> Result<(SigningKey, Secret), Failure> {
        for _ in 0..MAX_ROUNDS {
            let present = self.store.signing_key(owner).await?;
            let (key, secret) = self.new_key(owner, life).await?;
            let until = key.created_at + OVERLAP;
            let next = match present {
                None => SigningKey::first(key),
                Some(present) => present.replaced_by(key, until),
            };
            if self.store.keep_signing_key(owner, &next).await? {
                return Ok((next, secret));
            }
        }
        let detail = "other requests make keys of this account at the same moment";
        Err(Failure::Conflict(detail.to_owned()))
    }

    async fn new_key(
        &self,
        owner: Tenant,
        life: SignedDuration,
    ) -> Result<(NewKey, Secret), Failure> {
        let secret = key_secret(self.random.bytes());
        let now = self.clock.now();
        let key = NewKey {
            id: KeyId::from_uuid(self.random.uuid()),
            secret: self
                .vault
                .seal(&SigningKey::seal_context(owner), &secret)
                .await?,
            created_at: now,
            expires_at: now + life,
        };
        Ok((key, secret))
    }
}
