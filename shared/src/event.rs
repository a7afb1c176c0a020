//! Something that happened in an account; never changed after it was accepted.

use crate::{event_type::EventType, invalid::Invalid, json::JsonObject, tenant::Tenant};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// The largest `data` that is accepted, in bytes of compact JSON.
pub const MAX_DATA_BYTES: usize = 256 * 1024;

/// An event's id, unique in its tenant: 1 to 256 of `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

impl EventId {
    /// The id of an event that was reported without one, from randomness.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("evt_{}", HEXLOWER.encode(&bytes)))
    }

    /// The id of an event that was reported under an idempotency key instead of an id.
    #[must_use]
    pub fn from_idempotency_key(key: &str) -> Self {
        let digest = Sha256::digest(key.as_bytes());
        Self(format!("key_{}", HEXLOWER.encode(&digest[..20])))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EventId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        if (1..=256).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be 1 to 256 of A-Z a-z 0-9 . _ -"))
        }
    }
}

impl TryFrom<String> for EventId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

/// What a report says happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The type, from the catalogue.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// What kind of thing it happened to ("InvoiceResponse").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The thing itself, or whatever the receiver should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<JsonObject>,
    /// When it happened, where the report says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

impl Report {
    /// A digest of all that is reported: two reports with one id must agree in it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_vec(self).expect("a report is JSON");
        HEXLOWER.encode(&Sha256::digest(text))
    }
}

/// An accepted event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Where it is found.
    pub reference: EventRef,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(data: &str) -> Report {
        Report {
            event_type: "INVOICE_ISSUED".parse().expect("a name"),
            resource_type: None,
            resource_id: Some("inv_1".into()),
            data: Some(data.parse().expect("an object")),
            occurred_at: None,
        }
    }

    #[test]
    fn the_fingerprint_tells_content_not_white_space() {
        let one = report(r#"{"a":1,"b":2}"#);
        assert_eq!(
            one.fingerprint(),
            report(r#"{ "a": 1, "b": 2 }"#).fingerprint()
        );
        assert_ne!(one.fingerprint(), report(r#"{"b":2,"a":1}"#).fingerprint());
        let mut other = one.clone();
        other.resource_type = other.resource_id.take();
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

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
