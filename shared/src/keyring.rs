//! The keys of accounts, opened: what senders sign with.

use crate::{
    secret::Secret,
    signing_key::{KeyId, SigningKey},
    store::Store,
    tenant::Tenant,
    vault::{Vault, VaultError},
};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

/// How long an opened key is used before it is read again: how late a new one may come.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(30);

/// The most keys that are kept open.
const MAX_KEPT: usize = 1_000;

/// An opened key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenKey {
    /// The newest key's id.
    pub id: KeyId,
    /// The secrets that count, the newest first: at least one.
    pub secrets: Vec<Secret>,
}

/// The keys of accounts, each read at most every 30 seconds.
#[derive(Clone)]
pub struct Keyring {
    store: Store,
    vault: Vault,
    kept: Arc<Mutex<HashMap<Tenant, (Timestamp, OpenKey)>>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// A keyring over the rows of a store.
    #[must_use]
    pub fn new(store: Store, vault: Vault) -> Self {
        Self {
            store,
            vault,
            kept: Arc::default(),
        }
    }

    /// The key of an account, if one was made. That there is none is not remembered.
    ///
    /// # Errors
    /// Where it cannot be read or opened.
    pub async fn key(&self, owner: Tenant, now: Timestamp) -> Result<Option<OpenKey>, VaultError> {
        if let Some(key) = self.kept(owner, now) {
            return Ok(Some(key));
        }
        let Some(key) = self.store.signing_key(owner).await? else {
            return Ok(None);
        };
        let opened = self.open(owner, &key, now).await?;
        self.keep(owner, now, opened.clone());
        Ok(Some(opened))
    }

    async fn open(
        &self,
        owner: Tenant,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<OpenKey, VaultError> {
        let context = SigningKey::seal_context(owner);
        let counting = key.secrets.counting(now);
        let opened = counting.map(|sealed| self.vault.open(&context, sealed));
        Ok(OpenKey {
            id: key.id,
            secrets: try_join_all(opened).await?,
        })
    }

    fn kept(&self, owner: Tenant, now: Timestamp) -> Option<OpenKey> {
        let kept = self.kept.lock().expect("no holder panics");
        let (since, key) = kept.get(&owner)?;
        (now.duration_since(*since) < KEPT_FOR).then(|| key.clone())
    }

    fn keep(&self, owner: Tenant, now: Timestamp, key: OpenKey) {
        let mut kept = self.kept.lock().expect("no holder panics");
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(owner, (now, key));
    }
}
