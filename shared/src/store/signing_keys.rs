//! The keys with which accounts' webhooks are signed, where one key signs them all.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
};
use crate::{
    policy::{RetiringSecret, Secrets},
    signing_key::{KeyId, SigningKey},
    tenant::Tenant,
    vault::Sealed,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct SigningKeyRow {
    id: KeyId,
    /// The newest.
    secret: Sealed,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retiring: Vec<RetiringSecret>,
    #[serde(with = "crate::millis")]
    created_at: Timestamp,
    #[serde(with = "crate::millis")]
    expires_at: Timestamp,
    version: u64,
}

fn key(owner: Tenant) -> Key {
    Key {
        pk: format!("{owner}#SIGNING-KEY"),
        sk: "KEY".to_owned(),
    }
}

impl Store {
    /// The key of an account, if one was made.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn signing_key(&self, owner: Tenant) -> Result<Option<SigningKey>, StoreError> {
        let row: Option<SigningKeyRow> = self.data.get(key(owner)).await?;
        Ok(row.map(|row| SigningKey {
            id: row.id,
            secrets: Secrets {
                newest: row.secret,
                retiring: row.retiring,
            },
            created_at: row.created_at,
            expires_at: row.expires_at,
            version: row.version,
        }))
    }

    /// Writes a key over the version before it; says whether that one still stood.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn keep_signing_key(
        &self,
        owner: Tenant,
        wanted: &SigningKey,
    ) -> Result<bool, StoreError> {
        let row = SigningKeyRow {
            id: wanted.id,
            secret: wanted.secrets.newest.clone(),
            retiring: wanted.secrets.retiring.clone(),
            created_at: wanted.created_at,
            expires_at: wanted.expires_at,
            version: wanted.version,
        };
        let before = i64::try_from(wanted.version).map_err(StoreError::corrupt)? - 1;
        let guard = match before {
            0 => Guard::Absent,
            before => Guard::Equals("version", before),
        };
        let written = self.data.put_if(key(owner), &row, &guard).await?;
        Ok(written == Written::Done)
    }
}
