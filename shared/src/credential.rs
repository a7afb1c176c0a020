//! What lets a caller act for an account.

use crate::{id::AccountId, secret::Secret, tenant::Mode, vault::Sealed};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a credential may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Report events.
    Publish,
    /// Read everything but secrets.
    Read,
    /// Everything, and see secrets.
    Manage,
}

impl Role {
    /// Whether this role may do what asks for another.
    #[must_use]
    pub fn covers(self, needed: Self) -> bool {
        self == Self::Manage || self == needed
    }
}

/// An id and a secret of one account, in one mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id, unique in the stack: what callers give as the user name.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// Which of the account's two sides it opens.
    pub mode: Mode,
    /// What it may do.
    pub role: Role,
    /// Its secret, which HTTP Signature needs back.
    pub secret: Sealed,
    /// When it was made.
    #[serde(with = "crate::millis")]
    pub created_at: Timestamp,
}

impl Credential {
    /// The place that the secret of a credential is sealed for.
    #[must_use]
    pub fn secret_place(id: &str) -> String {
        format!("credential#{id}")
    }
}

/// What credentials are found by: the lower-case hex SHA-256 of the secret.
#[must_use]
pub fn lookup_key(secret: &Secret) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.expose()))
}
