//! The key service on AWS: a KMS key wraps the data key.
#![expect(clippy::disallowed_types, reason = "the owner of the KMS client")]

use super::{DataKey, Keys, VaultError};
use aws_sdk_kms::{Client, primitives::Blob, types::DataKeySpec};
use futures::future::BoxFuture;

/// A KMS key.
#[derive(Clone, Debug)]
pub struct Kms {
    client: Client,
    key_id: String,
}

impl Kms {
    /// The key with an id or ARN.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, key_id: String) -> Self {
        Self {
            client: Client::new(config),
            key_id,
        }
    }
}

impl Keys for Kms {
    fn generate(&self) -> BoxFuture<'_, Result<DataKey, VaultError>> {
        Box::pin(async {
            let made = self
                .client
                .generate_data_key()
                .key_id(&self.key_id)
                .key_spec(DataKeySpec::Aes256)
                .send()
                .await
                .map_err(|error| VaultError::Keys(error.into()))?;
            Ok(DataKey {
                plain: plain(made.plaintext)?,
                wrapped: bytes(made.ciphertext_blob)?,
            })
        })
    }

    fn unwrap<'a>(&'a self, wrapped: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], VaultError>> {
        Box::pin(async move {
            let opened = self
                .client
                .decrypt()
                .key_id(&self.key_id)
                .ciphertext_blob(Blob::new(wrapped))
                .send()
                .await
                .map_err(|error| VaultError::Keys(error.into()))?;
            plain(opened.plaintext)
        })
    }
}

fn bytes(blob: Option<Blob>) -> Result<Vec<u8>, VaultError> {
    blob.map(Blob::into_inner)
        .ok_or_else(|| VaultError::Keys("KMS answered without a key".into()))
}

fn plain(blob: Option<Blob>) -> Result<[u8; 32], VaultError> {
    bytes(blob)?
        .try_into()
        .map_err(|_| VaultError::Keys("KMS answered with a key of another length".into()))
}
