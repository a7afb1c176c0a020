//! Something that happened in an account; never changed after it was accepted.

mod report;

use crate::{
    account::{Account, ExternalId},
    name::Name,
    place::Place,
    tenant::Tenant,
    text::{path_segment, text_type},
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
pub use report::{MAX_DATA_BYTES, REPORT_FIELDS, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

text_type!(
    /// An event's id, unique in its tenant: 1 to 256 of `A-Z a-z 0-9 . _ -`, and neither `.`
    /// nor `..`.
    EventId,
    |text| path_segment(text, 256, ". _ -")
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
        Self::from_digest_of(key)
    }

    /// The id of an event that was reported without one in a batch with an idempotency key, by its
    /// place there. No key has a space in it, so none alone gives the same.
    #[must_use]
    pub fn from_batch_key(key: &str, index: usize) -> Self {
        Self::from_digest_of(&format!("{key} {index}"))
    }

    fn from_digest_of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
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
    /// What it remembers of its account.
    #[serde(flatten)]
    pub account: EventAccount,
    /// Its place in the log of its account, where it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What was reported.
    pub report: Report,
}

/// What an event remembers of its account beside the id, since senders cannot read accounts. All of
/// it is `None` where the event did not happen, or an earlier version accepted it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventAccount {
    /// What it was called then.
    #[serde(
        rename = "account_name",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<Name>,
    /// Its number.
    #[serde(
        rename = "account_number",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub number: Option<u64>,
    /// Its external id then, where it had one.
    #[serde(
        rename = "account_external_id",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub external_id: Option<ExternalId>,
}

impl From<&Account> for EventAccount {
    fn from(account: &Account) -> Self {
        Self {
            name: Some(account.name.clone()),
            number: Some(account.number),
            external_id: account.external_id.clone(),
        }
    }
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
    use crate::{id::AccountId, tenant::Mode};
    use uuid::Uuid;

    #[test]
    fn an_event_is_written_with_its_account_in_fields_of_its_own() {
        let event = |account| Event {
            reference: EventRef {
                tenant: Tenant {
                    account: AccountId::from_uuid(Uuid::from_u128(1)),
                    mode: Mode::Live,
                },
                id: "e".parse().expect("an id"),
                accepted_at: Timestamp::UNIX_EPOCH,
            },
            account,
            place: None,
            report: Report {
                event_type: "INVOICE_ISSUED".parse().expect("a name"),
                resource_type: None,
                resource_id: None,
                data: Some(r#"{"b":1.50,"a":1e400,"b":2}"#.parse().expect("an object")),
                occurred_at: None,
            },
        };
        let whole = event(EventAccount {
            name: Some("Acme".parse().expect("a name")),
            number: Some(u64::MAX),
            external_id: Some("acme".parse().expect("an id")),
        });
        let keys = r#""account_name":"Acme","account_number":18446744073709551615,"account_external_id":"acme","#;
        let written = serde_json::to_string(&whole).expect("JSON");
        assert!(written.contains(keys), "{written}");
        let read: Event = serde_json::from_str(&written).expect("an event");
        assert_eq!(read, whole);
        let earlier: Event = serde_json::from_str(&written.replace(keys, "")).expect("an event");
        assert_eq!(earlier, event(EventAccount::default()));
    }

    #[test]
    fn ids_are_plain_text() {
        for text in ["a.B_9-", "...", "a..", &"x".repeat(256)] {
            assert!(text.parse::<EventId>().is_ok(), "{text}");
        }
        for text in ["", "a b", "a/b", "ä", "a#b", ".", "..", &"x".repeat(257)] {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
        let made = EventId::from_idempotency_key("any text, even ä");
        assert!(made.as_str().parse::<EventId>().is_ok());
    }
}
