//! Tokens: texts that carry their own signature, and so are known again when they come back from
//! outside, without a row for each.

use super::{Vault, VaultError};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

impl Vault {
    /// A token: what it says, a full stop, and the base64url of the signature; the same every time.
    ///
    /// * `purpose`: what it is for, as [`Vault::sign`] has it.
    pub(crate) async fn token(&self, purpose: &str, said: &str) -> Result<String, VaultError> {
        let signature = self.sign(purpose, said).await?;
        Ok(format!("{said}.{}", BASE64URL_NOPAD.encode(&signature)))
    }

    /// What a token says; `None` where it was not made here for this purpose.
    pub(crate) async fn said_by<'a>(
        &self,
        token: &'a str,
        purpose: &str,
    ) -> Result<Option<&'a str>, VaultError> {
        let Some((said, signature)) = token.rsplit_once('.') else {
            return Ok(None);
        };
        let made = self.sign(purpose, said).await?;
        let given = BASE64URL_NOPAD.decode(signature.as_bytes());
        // By digest, in a time that tells nothing of how much is the same.
        let is_right = given.is_ok_and(|given| Sha256::digest(given) == Sha256::digest(made));
        Ok(is_right.then_some(said))
    }
}
