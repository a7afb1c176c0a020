//! What lets a caller act for an account.

use crate::{
    id::AccountId, invalid::Invalid, operator::OPERATOR_ID, secret::Secret, tenant::Mode,
    text::text_type, vault::Sealed,
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

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

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "publish" => Ok(Self::Publish),
            "read" => Ok(Self::Read),
            "manage" => Ok(Self::Manage),
            _ => Err(Invalid::new("must be publish, read or manage")),
        }
    }
}

text_type!(
    /// A credential's id, unique in the stack: 1 to 256 visible ASCII characters without a colon,
    /// where Basic would split it (RFC 7617). The operator's id is nobody else's.
    CredentialId,
    |text| {
        let is_plain = |c: u8| c.is_ascii_graphic() && c != b':';
        if text == OPERATOR_ID {
            Err(Invalid::new("must not be the operator's"))
        } else if (1..=256).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(())
        } else {
            let rule = "must be 1 to 256 visible ASCII characters without a colon";
            Err(Invalid::new(rule))
        }
    }
);

/// An id and a secret of one account, in one mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id: what callers give as the user name.
    pub id: CredentialId,
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
    /// The context that the secret of a credential is sealed for.
    #[must_use]
    pub fn seal_context(id: &CredentialId) -> String {
        format!("credential#{id}")
    }
}

/// What a credential is found by: the lower-case hex SHA-256 of its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretDigest(String);

impl SecretDigest {
    /// That of a secret.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(secret.expose())))
    }
}

impl fmt::Display for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_and_never_the_operators() {
        for text in ["a", "019b8d99-6900", "a/b", &"x".repeat(256)] {
            assert!(text.parse::<CredentialId>().is_ok(), "{text}");
        }
        for text in ["", "a:b", "a b", "ä", "operator", &"x".repeat(257)] {
            assert!(text.parse::<CredentialId>().is_err(), "{text}");
        }
    }
}
