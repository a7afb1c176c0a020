//! A delivery's id: the same each time it is made, and sorted by its event's time.

use crate::invalid::Invalid;
use data_encoding::BASE32_DNSSEC;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

const ID_PREFIX: &str = "dlv_";

/// A delivery's id: 6 bytes of its event's time in milliseconds, then 14 of a digest of event,
/// policy and recipient. As text, `dlv_` and 32 characters that sort by that time. Making it
/// twice gives the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId([u8; 20]);

impl DeliveryId {
    /// Takes the bytes over as they are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The id of a delivery whose event was accepted at an instant, from the digest of what
    /// makes the delivery the one it is.
    #[must_use]
    pub(crate) fn new(accepted_at: Timestamp, digest: &[u8; 32]) -> Self {
        let mut id = Self::first_at(accepted_at);
        id.0[6..].copy_from_slice(&digest[..14]);
        id
    }

    /// The smallest id of an instant: where a listing by time starts or ends.
    #[must_use]
    pub fn first_at(at: Timestamp) -> Self {
        let mut bytes = [0; 20];
        let millis = u64::try_from(at.as_millisecond())
            .unwrap_or(0)
            .to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        Self(bytes)
    }

    /// When the delivery's event was accepted, to the millisecond.
    #[must_use]
    pub fn accepted_at(&self) -> Timestamp {
        let millis = self.0[..6]
            .iter()
            .fold(0, |sum, byte| sum << 8 | i64::from(*byte));
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }

    /// Which of so many parts this id falls into, evenly.
    #[must_use]
    pub const fn shard(&self, shards: u8) -> u8 {
        self.0[19] % shards
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ID_PREFIX}{}", BASE32_DNSSEC.encode(&self.0))
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DeliveryId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.strip_prefix(ID_PREFIX)
            .and_then(|encoded| BASE32_DNSSEC.decode(encoded.as_bytes()).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| Invalid::new("must be the id of a delivery"))
    }
}

impl TryFrom<String> for DeliveryId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<DeliveryId> for String {
    fn from(id: DeliveryId) -> Self {
        id.to_string()
    }
}
