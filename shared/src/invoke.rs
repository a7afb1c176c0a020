//! The one exception to "functions meet through queues": a test delivery is made while its caller
//! waits, by the sender of its channel, because only senders open connections to the world.

pub mod lambda;

use crate::{
    attempt::Attempt, delivery::DeliveryRef, event::Event, message::Version1, recipient::Channel,
};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt, time::Duration};

/// How long a test delivery's receiver has at most: HTTP APIs stop at 30 seconds.
pub const TEST_DEADLINE: Duration = Duration::from_secs(10);

/// Asks a sender and waits for its answer: Lambda on AWS, a call in the local service.
pub trait Invoke: fmt::Debug + Send + Sync {
    /// Makes a test delivery.
    fn test(&self, by: Channel, test: TestDelivery) -> BoxFuture<'_, Result<Tested, InvokeError>>;
}

/// What a sender is asked, in the place of a queue's records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Make a test delivery.
    Test(Box<TestDelivery>),
}

/// A delivery that is made at once, and of which nothing is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestDelivery {
    /// Form of the message.
    pub v: Version1,
    /// What it is known by.
    pub reference: DeliveryRef,
    /// What it tells: an event that did not happen.
    pub event: Event,
}

/// What came of a test delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tested {
    /// An attempt was made.
    Attempted(Attempt),
    /// The policy or the recipient is gone.
    NotThere,
}

/// A sender did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the sender of the channel {channel:?} did not answer")]
pub struct InvokeError {
    channel: Channel,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl InvokeError {
    /// What went wrong between.
    pub fn new(channel: Channel, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            channel,
            source: source.into(),
        }
    }
}
