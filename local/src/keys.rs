//! The key service in this process: a master key in a file, or one that lives as long as the
//! process, wraps the data key.

use aes_gcm::{Aes256Gcm, Key, KeyInit, aead::Aead};
use anyhow::{Context, Result};
use futures::future::{BoxFuture, ready};
use herald::{
    random::Random,
    vault::{DataKey, Keys, VaultError},
};
use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

const NONCE_BYTES: usize = 12;

/// A master key.
pub struct LocalKeys {
    cipher: Aes256Gcm,
    random: Arc<dyn Random>,
}

impl fmt::Debug for LocalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKeys(…)")
    }
}

impl LocalKeys {
    /// A master key that is forgotten with the process.
    #[must_use]
    pub fn in_memory(random: Arc<dyn Random>) -> Self {
        Self::new(random.bytes(), random)
    }

    /// The master key in a file, which is made where there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds something else.
    pub fn in_file(path: &Path, random: Arc<dyn Random>) -> Result<Self> {
        if !path.exists() {
            write_private(path, &random.bytes::<32>())?;
        }
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let key = <[u8; 32]>::try_from(bytes)
            .ok()
            .with_context(|| format!("{} is not a master key of 32 bytes", path.display()))?;
        Ok(Self::new(key, random))
    }

    fn new(key: [u8; 32], random: Arc<dyn Random>) -> Self {
        Self {
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)),
            random,
        }
    }

    fn wrap(&self) -> Result<DataKey, VaultError> {
        let plain: [u8; 32] = self.random.bytes();
        let nonce: [u8; NONCE_BYTES] = self.random.bytes();
        let sealed = self.cipher.encrypt(&nonce.into(), plain.as_slice());
        let sealed = sealed.map_err(|_| VaultError::Corrupt)?;
        Ok(DataKey {
            plain,
            wrapped: [&nonce[..], &sealed].concat(),
        })
    }

    fn open(&self, wrapped: &[u8]) -> Result<[u8; 32], VaultError> {
        let (nonce, sealed) = wrapped
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(VaultError::Corrupt)?;
        let plain = self.cipher.decrypt(&(*nonce).into(), sealed);
        plain
            .ok()
            .and_then(|plain| plain.try_into().ok())
            .ok_or_else(|| VaultError::Keys("the data was written under another master key".into()))
    }
}

impl Keys for LocalKeys {
    fn generate(&self) -> BoxFuture<'_, Result<DataKey, VaultError>> {
        Box::pin(ready(self.wrap()))
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], VaultError>> {
        Box::pin(ready(self.open(wrapped)))
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("new");
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}
