//! What an attempt tells, and as which one.

use crate::{delivery_id::DeliveryId, event::Event, policy::Policy, trace_id::TraceId};

/// What an attempt tells, and as which one: what a dialect makes its body and its headers of.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    /// The policy that hears of it.
    pub policy: &'a Policy,
    /// At least one, and no more than the policy's dialect allows.
    pub events: &'a [&'a Event],
    /// What stays the same over all attempts.
    pub id: DeliveryId,
    /// The attempt's number, 1 for the first.
    pub number: u32,
    /// Whether the events did not happen, and somebody waits for the outcome.
    pub is_test: bool,
}

impl<'a> Parcel<'a> {
    /// The first event.
    ///
    /// # Panics
    /// Without one.
    #[must_use]
    pub fn first(&self) -> &'a Event {
        self.events.first().expect("a webhook is about an event")
    }

    /// The attempt's name.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        TraceId::of(&self.id, self.number)
    }
}
