//! What functions tell each other. Every message carries the version of its form, so that a
//! function meets no message that it would misread during an update.

mod deliver;
mod flush;
mod probe;
mod replay;
mod wake;

use crate::{
    event::EventRef,
    id::{AccountId, PolicyId, RecipientId},
    policy::Policy,
    queue::Outgoing,
    store::{DeliveryPosition, ErasurePosition},
    tenant::Tenant,
};
pub use deliver::{Deliver, EmailMessage, MAX_INLINE_BYTES, WebhookMessage};
pub use flush::FlushWithheld;
use jiff::Timestamp;
pub use probe::Probe;
pub use replay::ReplayDeliveries;
use serde::{Deserialize, Serialize, de::Error};
use std::time::Duration;
pub use wake::Wake;

/// Version 1 of the messages' form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version1;

impl Serialize for Version1 {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(1)
    }
}

impl<'de> Deserialize<'de> for Version1 {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match u32::deserialize(from)? {
            1 => Ok(Self),
            other => Err(D::Error::custom(format!(
                "version {other} is not known here"
            ))),
        }
    }
}

/// A message on the events queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventsMessage {
    /// Find who hears of an event.
    FanOut(FanOut),
    /// Cancel what nobody wants any more.
    CancelDeliveries(CancelDeliveries),
    /// Erase what a deleted account left behind.
    EraseAccount(EraseAccount),
    /// Send what was withheld.
    FlushWithheld(FlushWithheld),
    /// Send deliveries again.
    ReplayDeliveries(ReplayDeliveries),
}

/// Find who hears of an event, from a place on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FanOut {
    /// Form of the message.
    pub v: Version1,
    /// The event.
    pub event: EventRef,
    /// Where an earlier invocation stopped; `None` at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<FanOutPosition>,
}

/// A place in the fan-out of an event: every hint before it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FanOutPosition {
    /// How many chunks of the manifest are written.
    pub chunk: u32,
    /// Which of the event's match keys is being read.
    pub key: usize,
    /// The last hint that was read at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl FanOutPosition {
    /// Where it stands among the hints, to compare it with another of the same event.
    #[must_use]
    pub fn place(&self) -> (usize, Option<&str>) {
        (self.key, self.after.as_deref())
    }
}

/// Cancel what a deleted policy, or a removed recipient, left unfinished, from a place on. While
/// the policy, or the recipient, still stands the message asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelDeliveries {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// The recipient that was removed; `None` where the policy was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<RecipientId>,
    /// When the policy was made.
    #[serde(with = "crate::millis")]
    pub since: Timestamp,
    /// Where an earlier invocation stopped; `None` at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<DeliveryPosition>,
}

/// Erase what a deleted account left behind, from a place on. It is done twice: what was under way
/// when the account was deleted may write behind the first reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseAccount {
    /// Form of the message.
    pub v: Version1,
    /// The account.
    pub account: AccountId,
    /// Which reading this is.
    pub reading: Reading,
    /// Where an earlier invocation stopped; `None` at the start of a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<ErasurePosition>,
}

/// A reading of the whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// At once.
    First,
    /// When everything that was under way has ended.
    Last,
}

impl CancelDeliveries {
    /// What is cancelled once a policy is deleted, or one of its recipients is removed.
    #[must_use]
    pub fn of(policy: &Policy, recipient: Option<RecipientId>) -> Self {
        Self {
            v: Version1,
            owner: policy.owner,
            policy: policy.id,
            recipient,
            since: policy.created_at,
            resume: None,
        }
    }
}

impl EraseAccount {
    /// The start of a reading.
    #[must_use]
    pub const fn start(account: AccountId, reading: Reading) -> Self {
        Self {
            v: Version1,
            account,
            reading,
            resume: None,
        }
    }
}

impl EventsMessage {
    /// The names under which messages stand in a body: what a producer sends has none of them.
    pub const NAMES: [&str; 5] = [
        "fan_out",
        "cancel_deliveries",
        "erase_account",
        "flush_withheld",
        "replay_deliveries",
    ];

    /// The message, ready to send and to be seen after a delay.
    #[must_use]
    pub fn delayed(&self, delay: Duration) -> Outgoing {
        Outgoing {
            delay,
            ..self.outgoing()
        }
    }

    /// The message, ready to send.
    #[must_use]
    pub fn outgoing(&self) -> Outgoing {
        let group = match self {
            Self::FanOut(message) => message.event.tenant.to_string(),
            Self::CancelDeliveries(message) => message.owner.to_string(),
            Self::EraseAccount(message) => message.account.to_string(),
            Self::FlushWithheld(message) => message.owner.to_string(),
            Self::ReplayDeliveries(message) => message.owner.to_string(),
        };
        Outgoing {
            body: body(self),
            delay: Duration::ZERO,
            group: Some(group),
        }
    }
}

/// The characters that [`is_sendable`](crate::queue::is_sendable) refuses and JSON does not escape.
const UNSENDABLE: [char; 2] = ['\u{fffe}', '\u{ffff}'];

/// A message as JSON, with such characters escaped: they stand in strings only.
fn body(message: &impl Serialize) -> String {
    let json = serde_json::to_string(message).expect("a message is JSON");
    let [first, second] = UNSENDABLE;
    json.replace(first, r"\ufffe").replace(second, r"\uffff")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::ReplayId, queue::is_sendable};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_a_message_holds_sqs_takes_it(chars in prop::collection::vec(any::<char>(), 0..40)) {
            let text: String = chars.into_iter().chain(['\u{fffe}', '\u{ffff}', '\0']).collect();
            let sent = body(&text);
            prop_assert!(sent.chars().all(is_sendable), "{:?}", sent);
            prop_assert_eq!(serde_json::from_str::<String>(&sent).ok(), Some(text));
        }
    }

    #[test]
    fn a_message_of_another_version_is_not_read() {
        let read = serde_json::from_str::<Version1>;
        assert!(read("1").is_ok());
        for other in ["0", "2", "\"1\"", "null"] {
            assert!(read(other).is_err(), "{other}");
        }
    }

    #[test]
    fn every_message_on_the_events_queue_is_told_from_a_producers() {
        let account = AccountId::from_uuid(uuid::Uuid::nil());
        let tenant = Tenant {
            account,
            mode: crate::tenant::Mode::Live,
        };
        let fan_out = EventsMessage::FanOut(FanOut {
            v: Version1,
            event: EventRef {
                tenant,
                id: "e".parse().expect("an id"),
                accepted_at: Timestamp::UNIX_EPOCH,
            },
            resume: None,
        });
        let cancel = EventsMessage::CancelDeliveries(CancelDeliveries {
            v: Version1,
            owner: tenant,
            policy: PolicyId::from_uuid(uuid::Uuid::nil()),
            recipient: None,
            since: Timestamp::UNIX_EPOCH,
            resume: None,
        });
        let erase = EventsMessage::EraseAccount(EraseAccount::start(account, Reading::First));
        let flush = EventsMessage::FlushWithheld(FlushWithheld {
            v: Version1,
            owner: tenant,
            policy: PolicyId::from_uuid(uuid::Uuid::nil()),
        });
        let replay = EventsMessage::ReplayDeliveries(ReplayDeliveries {
            v: Version1,
            owner: tenant,
            policy: PolicyId::from_uuid(uuid::Uuid::nil()),
            replay: ReplayId::from_uuid(uuid::Uuid::nil()),
        });
        for message in [fan_out, cancel, erase, flush, replay] {
            // A new message needs its name in `NAMES`, and a place in this list.
            match message {
                EventsMessage::FanOut(_)
                | EventsMessage::CancelDeliveries(_)
                | EventsMessage::EraseAccount(_)
                | EventsMessage::FlushWithheld(_)
                | EventsMessage::ReplayDeliveries(_) => {}
            }
            let json = serde_json::to_value(&message).expect("JSON");
            let names = json.as_object().expect("an object").keys();
            let unknown: Vec<_> = names
                .filter(|name| !EventsMessage::NAMES.contains(&name.as_str()))
                .collect();
            assert!(unknown.is_empty(), "{unknown:?}");
        }
    }
}
