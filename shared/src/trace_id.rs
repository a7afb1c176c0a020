//! A name for every attempt, by which its delivery is found again.

use crate::{delivery_id::DeliveryId, invalid::Invalid};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::{Builder, Uuid, Version};

/// Attempts are counted up to here, and from 0 again.
const COUNTED: u32 = 1 << 12;

/// The name of an attempt: a UUID of version 8 (RFC 9562) that is made of what it names, and so
/// needs no row. Its bits are
///
/// * 48 of the time at which the delivery's event was accepted, in milliseconds,
/// * 12 of the attempt's number,
/// * 62 of the digest in the delivery's id,
///
/// and the six that say it is a UUID of this kind. Among the events of an owner in one millisecond
/// two deliveries share the 62 bits once in ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TraceId(Uuid);

impl TraceId {
    /// The name of a delivery's attempt.
    ///
    /// * `number`: 1 for the first.
    #[must_use]
    pub fn of(delivery: &DeliveryId, number: u32) -> Self {
        let known = delivery.as_bytes();
        let mut bytes = [0; 16];
        // The number first: it has four bytes, of which the upper two are empty.
        bytes[4..8].copy_from_slice(&(number % COUNTED).to_be_bytes());
        bytes[..6].copy_from_slice(&known[..6]);
        bytes[8..].copy_from_slice(&known[6..14]);
        Self(Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// When the delivery's event was accepted, to the millisecond.
    #[must_use]
    pub fn accepted_at(&self) -> Timestamp {
        let mut known = [0; 20];
        known[..6].copy_from_slice(&self.0.as_bytes()[..6]);
        DeliveryId::from_bytes(known).accepted_at()
    }

    /// Whether it names an attempt of a delivery.
    #[must_use]
    pub fn is_of(&self, delivery: &DeliveryId) -> bool {
        let bytes = self.0.as_bytes();
        let number = u32::from(u16::from_be_bytes([bytes[6] & 0x0f, bytes[7]]));
        Self::of(delivery, number) == *self
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TraceId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Uuid::parse_str(text)
            .ok()
            .filter(|id| id.get_version() == Some(Version::Custom))
            .map(Self)
            .ok_or_else(|| Invalid::new("must be the trace id of an attempt"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_attempt_has_a_name_of_its_own() {
        let delivery = DeliveryId::from_bytes([7; 20]);
        let (first, second) = (TraceId::of(&delivery, 1), TraceId::of(&delivery, 2));
        assert_eq!(first.to_string(), "07070707-0707-8001-8707-070707070707");
        assert_ne!(first, second);
        assert_eq!(first, TraceId::of(&delivery, 1), "made twice");
    }

    #[test]
    fn other_uuids_name_no_attempt() {
        for text in ["", "x", "0198c7d2-0000-7000-8000-000000000000"] {
            assert!(text.parse::<TraceId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_delivery_is_known_by_any_of_its_attempts(
            id in any::<[u8; 20]>(),
            other in any::<[u8; 20]>(),
            number in any::<u32>(),
        ) {
            let (delivery, other) = (DeliveryId::from_bytes(id), DeliveryId::from_bytes(other));
            let trace: TraceId = TraceId::of(&delivery, number).to_string().parse().expect("its text");
            prop_assert_eq!(trace.accepted_at(), delivery.accepted_at());
            prop_assert!(trace.is_of(&delivery));
            prop_assert!(other == delivery || !trace.is_of(&other));
        }
    }
}
