//! The token that a login gives (Pulse's key login): it names a credential until an instant, and is
//! signed, so that nobody makes one. It needs no row, and opens nothing that its credential does not
//! open any more.

use crate::{
    credential::{Credential, CredentialId},
    vault::{Vault, VaultError},
};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

/// What every token starts with, so that people and scanners tell what it is. No credential's secret
/// of ours does.
pub const PREFIX: &str = "hl1.";

/// How long a token is good for.
pub const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// What tokens are signed for.
const PURPOSE: &str = "login";

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginToken {
    /// Whose it is.
    pub credential: CredentialId,
    /// When that credential was made, to the millisecond: a later one of the same name is another.
    pub made_at: Timestamp,
    /// Until when it is good, to the millisecond.
    pub until: Timestamp,
}

impl LoginToken {
    /// The token that a login gives.
    #[must_use]
    pub fn new(credential: &Credential, now: Timestamp) -> Self {
        Self {
            credential: credential.id.clone(),
            made_at: credential.created_at,
            until: now.saturating_add(LIFE).unwrap_or(now),
        }
    }

    /// Whether it opens what a credential opens.
    #[must_use]
    pub fn is_good(&self, credential: &Credential, now: Timestamp) -> bool {
        let made = credential.created_at.as_millisecond();
        self.credential == credential.id
            && self.made_at.as_millisecond() == made
            && now < self.until
    }

    /// Writes it: `hl1.<what it says>.<signature>`.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn sign(&self, vault: &Vault) -> Result<String, VaultError> {
        let said = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&self.to_bytes()));
        vault.token(PURPOSE, &said).await
    }

    /// What a token says; `None` where it was not made here.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn read(token: &str, vault: &Vault) -> Result<Option<Self>, VaultError> {
        let said = vault.said_by(token, PURPOSE).await?;
        Ok(said.and_then(Self::from_said))
    }

    fn to_bytes(&self) -> Vec<u8> {
        [
            &self.made_at.as_millisecond().to_be_bytes()[..],
            &self.until.as_millisecond().to_be_bytes(),
            self.credential.as_str().as_bytes(),
        ]
        .concat()
    }

    fn from_said(said: &str) -> Option<Self> {
        let encoded = said.strip_prefix(PREFIX)?;
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?;
        let (made_at, rest) = bytes.split_first_chunk::<8>()?;
        let (until, credential) = rest.split_first_chunk::<8>()?;
        let instant = |bytes: &[u8; 8]| Timestamp::from_millisecond(i64::from_be_bytes(*bytes));
        Some(Self {
            credential: std::str::from_utf8(credential).ok()?.parse().ok()?,
            made_at: instant(made_at).ok()?,
            until: instant(until).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_a_token_says_reads_back(id in "[!-9;-~]{1,256}", made in 0_i64..1 << 45, until in 0_i64..1 << 45) {
            let instant = |ms| Timestamp::from_millisecond(ms).expect("an instant");
            let token = LoginToken {
                credential: id.parse().expect("an id"),
                made_at: instant(made),
                until: instant(until),
            };
            let said = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&token.to_bytes()));
            prop_assert_eq!(LoginToken::from_said(&said), Some(token));
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = LoginToken::from_said(&text);
            let _ = LoginToken::from_said(&format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)));
        }
    }
}
