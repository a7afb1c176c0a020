//! AES-256-GCM over short texts: a random nonce, then the ciphertext.

use crate::random::Random;
use aes_gcm::{
    Aes256Gcm, Key, KeyInit,
    aead::{Aead, Payload},
};
use std::fmt;

const NONCE_BYTES: usize = 12;

/// A key, ready to seal and open.
#[derive(Clone)]
pub struct Cipher(Aes256Gcm);

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(…)")
    }
}

impl Cipher {
    /// The cipher of a key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)))
    }

    /// Seals a text for a context, under a new nonce.
    ///
    /// # Panics
    /// Beyond 64 GiB.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8], random: &dyn Random) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random.bytes();
        let payload = Payload {
            msg: plain,
            aad: context.as_bytes(),
        };
        let sealed = self.0.encrypt(&nonce.into(), payload);
        let sealed = sealed.expect("a text is shorter than AES-GCM's limit");
        [&nonce[..], &sealed].concat()
    }

    /// Opens a text that was sealed for a context; `None` where it was not, or not with this key.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: ciphertext,
            aad: context.as_bytes(),
        };
        self.0.decrypt(&(*nonce).into(), payload).ok()
    }
}
