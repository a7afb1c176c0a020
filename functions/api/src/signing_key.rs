//! The key that signs all webhooks of an account, in dialects that have one for each account.

use crate::{Api, failure::Failure};
use ::herald::{
    signing_key::{KeyId, NewKey, SigningKey, key_secret},
    tenant::Tenant,
};
use jiff::SignedDuration;

/// How long a key is good for, unless its owner says otherwise.
pub(crate) const USUAL_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Api {
    /// Has an account have a key.
    pub(crate) async fn require_signing_key(&self, owner: Tenant) -> Result<(), Failure> {
        if self.store.signing_key(owner).await?.is_none() {
            let key = self.new_key(owner, USUAL_LIFE).await?;
            // Where another request made one meanwhile, that one counts.
            self.store
                .keep_signing_key(owner, &SigningKey::first(key))
                .await?;
        }
        Ok(())
    }

    async fn new_key(&self, owner: Tenant, life: SignedDuration) -> Result<NewKey, Failure> {
        let secret = key_secret(self.random.bytes());
        let now = self.clock.now();
        Ok(NewKey {
            id: KeyId::from_uuid(self.random.uuid()),
            secret: self.vault.seal(&SigningKey::place(owner), &secret).await?,
            created_at: now,
            expires_at: now + life,
        })
    }
}
