//! The message about an attempt: on the queue of its delivery's channel.

use super::{Probe, Version1, Wake, body};
use crate::{
    clock::wait_until,
    delivery::{Delivery, DeliveryRef},
    event::Event,
    queue::{Outgoing, QueueName, is_sendable},
    recipient::{Channel, Target},
    store::is_long_wait,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Up to this size an event travels inside the messages about it, in bytes of its `data`; a
/// larger one is read from the table.
pub const MAX_INLINE_BYTES: usize = 16 * 1024;

/// A message on the webhook queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookMessage {
    /// Make an attempt.
    Deliver(Box<Deliver>),
    /// Tell an ordered recipient what stands in the log.
    Wake(Wake),
    /// Ask whether a policy is healthy.
    Probe(Probe),
}

/// A message on the e-mail queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailMessage {
    /// Make an attempt.
    Deliver(Box<Deliver>),
}

impl From<EmailMessage> for Deliver {
    fn from(message: EmailMessage) -> Self {
        let EmailMessage::Deliver(deliver) = message;
        *deliver
    }
}

/// Make an attempt of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliver {
    /// Form of the message.
    pub v: Version1,
    /// The delivery.
    pub reference: DeliveryRef,
    /// The number of the attempt; a message whose attempt was made already is dropped.
    pub attempt: u32,
    /// The recipient's target when the message was made, for the record should it be gone by
    /// then. Where to send is the policy's word alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The event, unless it is larger than [`MAX_INLINE_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// When its policy's pace lets it through; `None` where nothing is reserved for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Timestamp>,
}

impl Deliver {
    /// The message about an attempt, with its event inside where that is small.
    #[must_use]
    pub fn new(
        reference: DeliveryRef,
        attempt: u32,
        target: Option<Target>,
        event: Option<&Event>,
    ) -> Self {
        // Data must reach the receiver letter for letter, and not as it may stand in a message.
        let fits = |data: &str| data.len() <= MAX_INLINE_BYTES && data.chars().all(is_sendable);
        let is_small = |event: &&Event| {
            let data = event.report.data.as_ref();
            data.is_none_or(|data| fits(data.as_str()))
        };
        Self {
            v: Version1,
            reference,
            attempt,
            target,
            event: event.filter(is_small).cloned(),
            slot: None,
        }
    }

    /// The message about the next attempt of a delivery, ready to send now and to be seen when the
    /// attempt is planned.
    #[must_use]
    pub fn next(delivery: &Delivery, planned: Timestamp, now: Timestamp) -> Outgoing {
        let target = delivery.target.clone();
        Self::new(
            delivery.reference.clone(),
            delivery.attempts + 1,
            target,
            None,
        )
        .outgoing(wait_until(planned, now))
    }

    /// The message about the next attempt of a delivery that waits, if a queue can hold it so
    /// long; else the timer wakes it.
    #[must_use]
    pub fn wake(delivery: &Delivery, now: Timestamp) -> Option<Outgoing> {
        let due = delivery.due().filter(|due| !is_long_wait(*due, now))?;
        Some(Self::next(delivery, due, now))
    }

    /// The queue that it goes to.
    #[must_use]
    pub fn queue(&self) -> QueueName {
        self.channel().queue()
    }

    fn channel(&self) -> Channel {
        Channel::of(self.target.as_ref())
    }

    /// The message, ready to send; the policy is its group.
    #[must_use]
    pub fn outgoing(self, delay: Duration) -> Outgoing {
        let group = Some(self.reference.policy.to_string());
        let channel = self.channel();
        let deliver = Box::new(self);
        let body = match channel {
            Channel::Email => body(&EmailMessage::Deliver(deliver)),
            Channel::Webhook => body(&WebhookMessage::Deliver(deliver)),
        };
        Outgoing { body, delay, group }
    }
}
