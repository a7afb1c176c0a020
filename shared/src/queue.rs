//! How functions reach each other: messages on queues, and nothing else.

mod dead_letter;
pub mod inbox;
pub mod redrive;
pub mod sqs;

use crate::invalid::Invalid;
pub use dead_letter::{DeadLetter, Reason};
use futures::future::BoxFuture;
use std::{error::Error, fmt, str::FromStr, time::Duration};

/// The longest delay of a message (`DelaySeconds` of SQS: 15 minutes).
pub const MAX_DELAY: Duration = Duration::from_secs(15 * 60);

/// Whether a message may hold a character (`SendMessage` of SQS, "Message"): those of XML 1.0.
#[must_use]
pub const fn is_sendable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A queue, named by who reads it and what of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueueName {
    /// Work for the fan-out: accepted events, those of producers, and what is done of policies and
    /// accounts in the background.
    Events,
    /// Deliveries to webhooks, wake-ups of ordered recipients, and probes.
    Webhook,
    /// Deliveries to mailboxes.
    Email,
    /// What became of mails later: bounces and complaints. SES fills it.
    Feedback,
}

impl QueueName {
    /// Every queue.
    pub const ALL: [Self; 4] = [Self::Events, Self::Webhook, Self::Email, Self::Feedback];

    /// Its name in logs and in local storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Feedback => "feedback",
        }
    }
}

impl FromStr for QueueName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let named = Self::ALL.into_iter().find(|name| name.as_str() == text);
        named.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Invalid::new(format!("must be one of {names}"))
        })
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A message to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// How long nobody shall see it. A queue holds a message for [`MAX_DELAY`] at most, and a longer
    /// delay is cut to it.
    pub delay: Duration,
    /// Whose message it is, so that one noisy group delays nobody else (`MessageGroupId` on a
    /// standard queue: SQS fair queues).
    pub group: Option<String>,
}

impl fmt::Debug for Outgoing {
    /// Without the body, which holds what no log shall show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        write!(
            f,
            "Outgoing({bytes} bytes, {:?}, {:?})",
            self.delay, self.group
        )
    }
}

/// Takes messages and keeps them until they were handled: at least once, in no order.
pub trait Queue: fmt::Debug + Send + Sync {
    /// Sends messages, in requests as large as the service takes. All are kept when it returns;
    /// after an error some may be.
    fn send(&self, to: QueueName, messages: Vec<Outgoing>)
    -> BoxFuture<'_, Result<(), QueueError>>;

    /// Makes a dead letter of a producer's message that is not accepted as it is. It is kept when
    /// this returns.
    fn bury(&self, body: String, reason: Reason) -> BoxFuture<'_, Result<(), QueueError>>;
}

/// A queue did not take a message.
#[derive(Debug, thiserror::Error)]
#[error("the {queue} queue took not every message")]
pub struct QueueError {
    queue: QueueName,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl QueueError {
    /// What the service behind the queue said.
    pub fn new(queue: QueueName, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            queue,
            source: source.into(),
        }
    }
}
