//! The token of a mail's unsubscribe link (RFC 8058): it says which recipient of which policy it
//! is about, and is signed, so that who has not got the mail cannot make it.

use crate::{
    id::{PolicyId, RecipientId},
    tenant::{Mode, Tenant},
    vault::{Vault, VaultError},
};
use data_encoding::BASE64URL_NOPAD;

/// The path of the link, before the token.
pub const PATH: &str = "/herald/v1/unsubscribe/";

/// The version of the token's form, at its start.
const VERSION: &str = "1";

/// What tokens are signed for.
const PURPOSE: &str = "unsubscribe";

/// What a token says: a recipient of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsubscribeToken {
    /// Whose policy it is.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// The recipient.
    pub recipient: RecipientId,
}

impl UnsubscribeToken {
    /// Writes it: `1.<what it says>.<signature>`, the same every time.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn sign(&self, vault: &Vault) -> Result<String, VaultError> {
        let said = format!("{VERSION}.{}", BASE64URL_NOPAD.encode(&self.to_bytes()));
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
        let mode = match self.owner.mode {
            Mode::Live => 0,
            Mode::Test => 1,
        };
        [
            &self.owner.account.as_uuid().as_bytes()[..],
            &[mode],
            self.policy.as_uuid().as_bytes(),
            self.recipient.as_str().as_bytes(),
        ]
        .concat()
    }

    fn from_said(said: &str) -> Option<Self> {
        let encoded = said.strip_prefix(VERSION)?.strip_prefix('.')?;
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?;
        let (account, rest) = bytes.split_first_chunk::<16>()?;
        let ([mode], rest) = rest.split_first_chunk::<1>()?;
        let (policy, recipient) = rest.split_first_chunk::<16>()?;
        let mode = match mode {
            0 => Mode::Live,
            1 => Mode::Test,
            _ => return None,
        };
        Some(Self {
            owner: Tenant {
                account: crate::id::AccountId::from_uuid(uuid::Uuid::from_bytes(*account)),
                mode,
            },
            policy: PolicyId::from_uuid(uuid::Uuid::from_bytes(*policy)),
            recipient: std::str::from_utf8(recipient).ok()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AccountId;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn what_a_token_says_reads_back(account: u128, policy: u128, recipient: [u8; 8], live: bool) {
            let mode = if live { Mode::Live } else { Mode::Test };
            let token = UnsubscribeToken {
                owner: Tenant { account: AccountId::from_uuid(Uuid::from_u128(account)), mode },
                policy: PolicyId::from_uuid(Uuid::from_u128(policy)),
                recipient: RecipientId::from_bytes(recipient),
            };
            let said = format!("1.{}", BASE64URL_NOPAD.encode(&token.to_bytes()));
            prop_assert_eq!(UnsubscribeToken::from_said(&said), Some(token));
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = UnsubscribeToken::from_said(&text);
            let _ = UnsubscribeToken::from_said(&format!("1.{}", BASE64URL_NOPAD.encode(&bytes)));
        }
    }
}
