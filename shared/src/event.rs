//! Something that happened in an account; never changed after it was accepted.

mod report;

use crate::{
    account::ExternalId, invalid::Invalid, name::Name, place::Place, tenant::Tenant,
    text::text_type,
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
pub use report::{MAX_DATA_BYTES, REPORT_FIELDS, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

text_type!(
    /// An event's id, unique in its tenant: 1 to 256 of `A-Z a-z 0-9 . _ -`.
    EventId,
    |text| {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        if (1..=256).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(())
        } else {
            Err(Invalid::new("must be 1 to 256 of A-Z a-z 0-9 . _ -"))
        }
    }
);

impl EventId {
    /// The id of an event that was reported without one, from randomness.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("evt_{}", HEXLOWER.encode(&bytes)))
    }

    /// The id of an event that did not happen, from randomness.
    #[must_use]
    pub fn for_test(bytes: [u8; 16]) -> Self {
        Self(format!("test_{}", HEXLOWER.encode(&bytes)))
    }

    /// The id of an event that was reported under an idempotency key instead of an id.
    #[must_use]
    pub fn from_idempotency_key(key: &str) -> Self {
        let digest = Sha256::digest(key.as_bytes());
        Self(format!("key_{}", HEXLOWER.encode(&digest[..20])))
    }
}

/// Where an event is found: what messages and deliveries carry of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EventRef {
    /// The account in which it happened, and its mode.
    pub tenant: Tenant,
    /// Its id there.
    pub id: EventId,
    /// When it was accepted, to the millisecond.
    #[serde(with = "crate::millis")]
    pub accepted_at: Timestamp,
}

/// An accepted event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Where it is found.
    pub reference: EventRef,
    /// What its account was called then; `None` where an earlier version accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<Name>,
    /// The number of its account; `None` where an earlier version accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<u64>,
    /// Its account's external id then, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_external_id: Option<ExternalId>,
    /// Its place in the log of its account, where it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What was reported.
    pub report: Report,
}

impl Event {
    /// When it happened: as reported, else when it was accepted.
    #[must_use]
    pub fn occurred_at(&self) -> Timestamp {
        self.report
            .occurred_at
            .unwrap_or(self.reference.accepted_at)
    }

    /// What orders it among the events of its account: its place, else that of the instant at
    /// which it was accepted.
    #[must_use]
    pub fn sequence(&self) -> Place {
        self.place
            .unwrap_or_else(|| Place::at(self.reference.accepted_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_text() {
        assert!("a.B_9-".parse::<EventId>().is_ok());
        for text in ["", "a b", "a/b", "ä", "a#b", &"x".repeat(257)] {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
        let made = EventId::from_idempotency_key("any text, even ä");
        assert!(made.as_str().parse::<EventId>().is_ok());
    }
}
