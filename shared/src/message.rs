//! What functions tell each other. Every message carries the version of its form, so that a
//! function meets no message that it would misread during an update.

mod cancel;
mod deliver;
mod erase;
mod fan_out;
mod flush;
mod probe;
mod replay;
mod wake;

use crate::queue::Outgoing;
pub use cancel::CancelDeliveries;
pub use deliver::{Deliver, EmailMessage, MAX_INLINE_BYTES, WebhookMessage};
pub use erase::{EraseAccount, Reading};
pub use fan_out::{FanOut, FanOutPosition};
pub use flush::FlushWithheld;
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
    use crate::{
        event::EventRef,
        id::{AccountId, PolicyId, ReplayId},
        queue::is_sendable,
        tenant::Tenant,
    };
    use jiff::Timestamp;
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
