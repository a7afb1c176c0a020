//! A text that only its owner may read.

use crate::{invalid::Invalid, tenant::Mode};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The prefix of a Standard Webhooks secret.
pub const SECRET_PREFIX: &str = "whsec_";

/// A secret in the clear. It never stands in a log, a table or an error.
#[derive(Clone)]
pub struct Secret(String);

impl PartialEq for Secret {
    /// By digest, in a time that tells nothing of how much is the same.
    fn eq(&self, other: &Self) -> bool {
        Sha256::digest(&self.0) == Sha256::digest(&other.0)
    }
}

impl Eq for Secret {}

impl Secret {
    /// Takes a text over as it is: a credential's secret, or one that was just opened.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// A policy's secret from randomness: `whsec_` and 32 characters of base64.
    #[must_use]
    pub fn for_policy(bytes: [u8; 24]) -> Self {
        Self(format!("{SECRET_PREFIX}{}", BASE64.encode(&bytes)))
    }

    /// A credential's secret from randomness: `hk_live_` or `hk_test_` and 43 characters of
    /// base64url, so that people and scanners tell what it is.
    #[must_use]
    pub fn for_credential(mode: Mode, bytes: [u8; 32]) -> Self {
        Self(format!("hk_{mode}_{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = Invalid;

    /// A policy's secret as its owner chose it: 24 to 75 visible ASCII characters.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if (24..=75).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be 24 to 75 visible ASCII characters"))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
