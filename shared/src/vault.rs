//! Secrets as ciphertext: AES-256-GCM under one data key per stack, which a key service wraps.

mod cipher;
pub mod kms;
mod token;

use crate::{
    random::Random,
    secret::Secret,
    signature::hmac_sha256,
    store::{Store, StoreError},
};
pub use cipher::Cipher;
use data_encoding::BASE64URL_NOPAD;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt, sync::Arc};
use tokio::sync::OnceCell;

const FORM: &str = "1.";

/// A secret as it stands in the table: `1.` and the base64url of nonce and ciphertext.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// A data key, in the clear and as the key service wrapped it.
pub struct DataKey {
    /// 32 bytes that never leave memory.
    pub plain: [u8; 32],
    /// What is stored.
    pub wrapped: Vec<u8>,
}

/// The key service: KMS on AWS, a file locally.
pub trait Keys: fmt::Debug + Send + Sync {
    /// Makes a data key.
    fn generate(&self) -> BoxFuture<'_, Result<DataKey, VaultError>>;

    /// Unwraps a stored one.
    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], VaultError>>;
}

/// A secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key service failed.
    #[error("the key service failed")]
    Keys(#[source] Box<dyn Error + Send + Sync>),
    /// The data key could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A ciphertext was not made here, or not for this context.
    #[error("a sealed secret does not open")]
    Corrupt,
}

/// Seals and opens secrets. Each is bound to its context, which tells where it stands, so that a
/// ciphertext moved to another row does not open there.
#[derive(Clone)]
pub struct Vault {
    store: Store,
    keys: Arc<dyn Keys>,
    random: Arc<dyn Random>,
    unlocked: Arc<OnceCell<Unlocked>>,
}

/// What the data key unlocks.
struct Unlocked {
    cipher: Cipher,
    /// Never the data key itself: one key, one use.
    signing_key: [u8; 32],
}

/// What the signing key is derived for.
const SIGNING: &str = "herald signing key 1";

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?})", self.keys)
    }
}

impl Vault {
    /// A vault whose data key stands in the store, and is made there on first use.
    #[must_use]
    pub fn new(store: Store, keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        Self {
            store,
            keys,
            random,
            unlocked: Arc::default(),
        }
    }

    /// Seals a secret for a context.
    ///
    /// # Errors
    /// Where the data key cannot be had.
    pub async fn seal(&self, context: &str, secret: &Secret) -> Result<Sealed, VaultError> {
        let cipher = &self.unlocked().await?.cipher;
        let sealed = cipher.seal(context, secret.expose().as_bytes(), &*self.random);
        Ok(Sealed(format!("{FORM}{}", BASE64URL_NOPAD.encode(&sealed))))
    }

    /// Opens a secret that was sealed for a context.
    ///
    /// # Errors
    /// Where the data key cannot be had, or the ciphertext was not sealed for this context.
    pub async fn open(&self, context: &str, sealed: &Sealed) -> Result<Secret, VaultError> {
        let cipher = &self.unlocked().await?.cipher;
        sealed
            .0
            .strip_prefix(FORM)
            .and_then(|encoded| BASE64URL_NOPAD.decode(encoded.as_bytes()).ok())
            .and_then(|sealed| cipher.open(context, &sealed))
            .and_then(|plain| String::from_utf8(plain).ok())
            .map(Secret::new)
            .ok_or(VaultError::Corrupt)
    }

    /// Signs a text, so that it is known again when it comes back from outside.
    ///
    /// * `purpose`: what it is for; what is signed for one means nothing for another.
    ///
    /// # Errors
    /// Where the data key cannot be had.
    pub async fn sign(&self, purpose: &str, text: &str) -> Result<[u8; 32], VaultError> {
        let key = &self.unlocked().await?.signing_key;
        Ok(hmac_sha256(key, &[purpose, "\0", text]))
    }

    async fn unlocked(&self) -> Result<&Unlocked, VaultError> {
        let unlock = async || {
            let key = self.data_key().await?;
            Ok(Unlocked {
                signing_key: hmac_sha256(&key, &[SIGNING]),
                cipher: Cipher::new(key),
            })
        };
        self.unlocked.get_or_try_init(unlock).await
    }

    async fn data_key(&self) -> Result<[u8; 32], VaultError> {
        if let Some(wrapped) = self.store.data_key().await? {
            return self.keys.unwrap(&wrapped).await;
        }
        let made = self.keys.generate().await?;
        let stored = self.store.keep_data_key(made.wrapped.clone()).await?;
        if stored == made.wrapped {
            Ok(made.plain)
        } else {
            self.keys.unwrap(&stored).await
        }
    }
}
