//! What a channel adds to sending: one attempt.

use crate::{
    attempt::Outcome, delivery::DeliveryRef, event::Event, policy::Policy, recipient::Recipient,
};
use jiff::Timestamp;
use std::{error::Error, fmt::Debug, future::Future, time::Duration};

/// The way to the recipients of a channel.
pub trait Carrier: Debug + Send + Sync {
    /// Why an attempt could not be made, by a fault of our own.
    type Error: Error + Send + Sync + 'static;

    /// How long the handling of a message may take, an attempt included: less than the function's
    /// timeout.
    fn record_limit(&self) -> Duration;

    /// Makes an attempt at an instant.
    ///
    /// # Errors
    /// Where it cannot be made. What the other side refuses is an outcome.
    fn carry(
        &self,
        load: &Load<'_>,
        at: Timestamp,
    ) -> impl Future<Output = Result<Carried, Self::Error>> + Send;
}

/// What is carried, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// What to tell.
    pub event: &'a Event,
    /// What the delivery is known by.
    pub delivery: &'a DeliveryRef,
    /// The policy as it is now.
    pub policy: &'a Policy,
    /// Whom to tell.
    pub recipient: &'a Recipient,
    /// The attempt's number, 1 for the first.
    pub number: u32,
    /// Whether the event did not happen, and somebody waits for the outcome.
    pub is_test: bool,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What the other side said.
    pub outcome: Outcome,
    /// How long it asked to wait before the next, counted from its answer.
    pub retry_after: Option<Duration>,
}

impl From<Outcome> for Carried {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            retry_after: None,
        }
    }
}
