//! Randomness as a parameter: the operating system's in production, a seeded one in tests.

use crate::{
    credential::CredentialId,
    id::{AccountId, PolicyId, RecipientId, ReplayId},
};
use jiff::Timestamp;
use std::fmt;
use uuid::{Builder, Uuid};

/// A source of random bytes.
pub trait Random: fmt::Debug + Send + Sync {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// An array of random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random UUID (version 4).
    pub fn uuid(&self) -> Uuid {
        Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A new account's id, ordered by the time of its creation (UUID version 7, RFC 9562).
    pub fn account_id(&self, now: Timestamp) -> AccountId {
        AccountId::from_uuid(self.timed_uuid(now))
    }

    /// A new credential's id: a UUID of version 7, so that they list in the order of their
    /// creation.
    pub fn credential_id(&self, now: Timestamp) -> CredentialId {
        let text = self.timed_uuid(now).to_string();
        text.parse().expect("a UUID is plain text")
    }

    /// A new policy's id, ordered by the time of its creation (UUID version 7, RFC 9562).
    pub fn policy_id(&self, now: Timestamp) -> PolicyId {
        PolicyId::from_uuid(self.timed_uuid(now))
    }

    /// A new replay's id, ordered by the time of its creation (UUID version 7, RFC 9562).
    pub fn replay_id(&self, now: Timestamp) -> ReplayId {
        ReplayId::from_uuid(self.timed_uuid(now))
    }

    fn timed_uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A new recipient's id.
    pub fn recipient_id(&self) -> RecipientId {
        RecipientId::from_bytes(self.bytes())
    }

    /// An even spread over −1 to 1, for jitter.
    pub fn spread(&self) -> f64 {
        let draw = f64::from(u32::from_be_bytes(self.bytes()));
        draw / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one owner of the system's randomness"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}
