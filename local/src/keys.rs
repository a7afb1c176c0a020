//! The key service in this process: a master key in a file, or one that lives as long as the
//! process, wraps the data key.

use crate::private_file;
use anyhow::{Context, Result};
use futures::future::{BoxFuture, ready};
use herald::{
    random::Random,
    vault::{Cipher, DataKey, Keys, VaultError},
};
use std::{fs, path::Path, sync::Arc};

/// What the data key is sealed for.
const CONTEXT: &str = "data-key";

/// A master key.
#[derive(Debug)]
pub struct LocalKeys {
    cipher: Cipher,
    random: Arc<dyn Random>,
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
            private_file::write(path, &random.bytes::<32>())?;
        }
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let key = <[u8; 32]>::try_from(bytes)
            .ok()
            .with_context(|| format!("{} is not a master key of 32 bytes", path.display()))?;
        Ok(Self::new(key, random))
    }

    fn new(key: [u8; 32], random: Arc<dyn Random>) -> Self {
        Self {
            cipher: Cipher::new(key),
            random,
        }
    }

    fn wrap(&self) -> DataKey {
        let plain: [u8; 32] = self.random.bytes();
        DataKey {
            plain,
            wrapped: self.cipher.seal(CONTEXT, &plain, &*self.random),
        }
    }

    fn open(&self, wrapped: &[u8]) -> Result<[u8; 32], VaultError> {
        self.cipher
            .open(CONTEXT, wrapped)
            .and_then(|plain| plain.try_into().ok())
            .ok_or_else(|| VaultError::Keys("the data was written under another master key".into()))
    }
}

impl Keys for LocalKeys {
    fn generate(&self) -> BoxFuture<'_, Result<DataKey, VaultError>> {
        Box::pin(ready(Ok(self.wrap())))
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], VaultError>> {
        Box::pin(ready(self.open(wrapped)))
    }
}
