//! The token of a mail's unsubscribe link (RFC 8058): it says which recipient of which policy it
//! is about, and is signed, so that who has not got the mail cannot make it.

use crate::{
    id::{PolicyId, RecipientId},
    tenant::{Mode, Tenant},
    vault::{Vault, VaultError},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// The path of the link, before the token.
pub const PATH: &str = "/herald/v1/unsubscribe/";

/// The version of the token's form, at its start.
const VERSION: &str = "1";

/// What tokens are signed for.
const PURPOSE: &str = "unsubscribe";

/// A recipient of a policy, as a token names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Whose policy it is.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// The recipient.
    pub recipient: RecipientId,
}

impl Subscription {
    /// The token: `1.<what it names>.<signature>`, the same every time.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn token(&self, vault: &Vault) -> Result<String, VaultError> {
        let named = format!("{VERSION}.{}", BASE64URL_NOPAD.encode(&self.to_bytes()));
        let signature = vault.sign(PURPOSE, &named).await?;
        Ok(format!("{named}.{}", BASE64URL_NOPAD.encode(&signature)))
    }

    /// What a token names; `None` where it was not made here.
    ///
    /// # Errors
    /// Where the vault's key cannot be had.
    pub async fn from_token(token: &str, vault: &Vault) -> Result<Option<Self>, VaultError> {
        let Some((named, signature)) = token.rsplit_once('.') else {
            return Ok(None);
        };
        let made = vault.sign(PURPOSE, named).await?;
        let given = BASE64URL_NOPAD.decode(signature.as_bytes());
        // By digest, in a time that tells nothing of how much is the same.
        if given.is_ok_and(|given| Sha256::digest(given) == Sha256::digest(made)) {
            Ok(Self::read(named))
        } else {
            Ok(None)
        }
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

    fn read(named: &str) -> Option<Self> {
        let encoded = named.strip_prefix(VERSION)?.strip_prefix('.')?;
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
        fn what_a_token_names_reads_back(account: u128, policy: u128, recipient: [u8; 8], live: bool) {
            let mode = if live { Mode::Live } else { Mode::Test };
            let subscription = Subscription {
                owner: Tenant { account: AccountId::from_uuid(Uuid::from_u128(account)), mode },
                policy: PolicyId::from_uuid(Uuid::from_u128(policy)),
                recipient: RecipientId::from_bytes(recipient),
            };
            let named = format!("1.{}", BASE64URL_NOPAD.encode(&subscription.to_bytes()));
            prop_assert_eq!(Subscription::read(&named), Some(subscription));
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Subscription::read(&text);
            let _ = Subscription::read(&format!("1.{}", BASE64URL_NOPAD.encode(&bytes)));
        }
    }
}
