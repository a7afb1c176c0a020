//! What an account's webhooks are signed with, where its dialect has one key for all of them
//! (CyberSource's keys of type `sharedSecret`).

use crate::{policy::Secrets, secret::Secret, tenant::Tenant, vault::Sealed};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// The id of a key. Receivers find the key by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(Uuid);

impl KeyId {
    /// Takes a UUID over as it is.
    #[must_use]
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The key of an account in one mode, with what is left of those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The newest key's id.
    pub id: KeyId,
    /// The newest key's secret, and those before it that still count, sealed for
    /// [`SigningKey::seal_context`].
    pub secrets: Secrets,
    /// When the newest was made.
    pub created_at: Timestamp,
    /// Until when its owner wanted it. It signs on after that: who stops reading what it signed
    /// knows why, and who does not loses nothing.
    pub expires_at: Timestamp,
    /// Counts the keys, from 1; one is written only over the one before.
    pub version: u64,
}

/// A key that is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// Its secret.
    pub secret: Sealed,
    /// When it is made.
    pub created_at: Timestamp,
    /// Until when its owner wants it.
    pub expires_at: Timestamp,
}

impl SigningKey {
    /// The context that the secrets of an account's key are sealed for.
    #[must_use]
    pub fn seal_context(owner: Tenant) -> String {
        format!("signing-key#{owner}")
    }

    /// The first key.
    #[must_use]
    pub fn first(key: NewKey) -> Self {
        Self {
            id: key.id,
            secrets: Secrets::of(key.secret),
            created_at: key.created_at,
            expires_at: key.expires_at,
            version: 1,
        }
    }

    /// With another key in its place, beside which it counts until an instant.
    #[must_use]
    pub fn replaced_by(self, key: NewKey, until: Timestamp) -> Self {
        Self {
            id: key.id,
            secrets: self.secrets.rotate(key.secret, until, key.created_at),
            created_at: key.created_at,
            expires_at: key.expires_at,
            version: self.version + 1,
        }
    }
}

/// The secret of a key from randomness: the base64 of 32 bytes.
#[must_use]
pub fn key_secret(bytes: [u8; 32]) -> Secret {
    Secret::new(BASE64.encode(&bytes))
}
