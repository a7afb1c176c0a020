//! What functions tell each other. Every message carries the version of its form, so that a
//! function meets no message that it would misread during an update.

use crate::{
    delivery::Route,
    event::{Event, EventRef},
    id::PolicyId,
    queue::Outgoing,
    store::DeliveryPosition,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::Error};
use std::time::Duration;

/// Up to this size an event travels inside the messages about it, in bytes of its `data`; a
/// larger one is read from the table.
pub const MAX_INLINE_BYTES: usize = 16 * 1024;

/// Version 1 of the messages' form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Cancel what a deleted policy left unfinished.
    CancelDeliveries(CancelDeliveries),
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
    /// Whether any delivery so far is withheld, so that the event must be kept for it.
    #[serde(default)]
    pub withheld: bool,
}

/// Cancel what a deleted policy left unfinished, from a place on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelDeliveries {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// When the policy was made: nothing of it is older.
    #[serde(with = "crate::millis")]
    pub since: Timestamp,
    /// Where an earlier invocation stopped; `None` at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<DeliveryPosition>,
}

/// A message on the webhook queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookMessage {
    /// Make an attempt.
    Deliver(Box<Deliver>),
}

/// Make an attempt of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliver {
    /// Form of the message.
    pub v: Version1,
    /// The delivery.
    pub route: Route,
    /// The number of the attempt; a message whose attempt was made already is dropped.
    pub attempt: u32,
    /// The recipient's target when the message was made, for the record should it be gone by
    /// then. Where to send is the policy's word alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The event, unless it is larger than [`MAX_INLINE_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

impl EventsMessage {
    /// The message, ready to send.
    #[must_use]
    pub fn outgoing(&self) -> Outgoing {
        let group = match self {
            Self::FanOut(message) => message.event.tenant,
            Self::CancelDeliveries(message) => message.owner,
        };
        Outgoing {
            body: body(self),
            delay: Duration::ZERO,
            group: Some(group.to_string()),
        }
    }
}

impl Deliver {
    /// The message about an attempt, with its event inside where that is small.
    #[must_use]
    pub fn new(route: Route, attempt: u32, target: Option<String>, event: Option<&Event>) -> Self {
        let is_small = |event: &&Event| {
            let data = event.report.data.as_ref();
            data.is_none_or(|data| data.as_str().len() <= MAX_INLINE_BYTES)
        };
        Self {
            v: Version1,
            route,
            attempt,
            target,
            event: event.filter(is_small).cloned(),
        }
    }

    /// The message, ready to send; the policy is its group.
    #[must_use]
    pub fn outgoing(self, delay: Duration) -> Outgoing {
        let group = Some(self.route.policy.to_string());
        let message = WebhookMessage::Deliver(Box::new(self));
        Outgoing {
            body: body(&message),
            delay,
            group,
        }
    }
}

/// A message as JSON, with the two characters escaped that SQS takes in no message
/// (`SendMessage`, "Message"). They stand in strings only, where JSON may escape them.
fn body(message: &impl Serialize) -> String {
    let json = serde_json::to_string(message).expect("a message is JSON");
    json.replace('\u{fffe}', r"\ufffe")
        .replace('\u{ffff}', r"\uffff")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_taken(c: char) -> bool {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    }

    proptest! {
        #[test]
        fn whatever_a_message_holds_sqs_takes_it(chars in prop::collection::vec(any::<char>(), 0..40)) {
            let text: String = chars.into_iter().chain(['\u{fffe}', '\u{ffff}', '\0']).collect();
            let sent = body(&text);
            prop_assert!(sent.chars().all(is_taken), "{:?}", sent);
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
}
