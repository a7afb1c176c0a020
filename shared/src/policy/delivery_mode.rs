//! Whether a policy's deliveries keep the order of their events.

use super::Policy;
use crate::{event::Event, place::Place};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a policy's deliveries keep the order of their events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMode {
    /// Each goes its own way.
    #[default]
    Independent,
    /// Each recipient is told what happened in an account in the order in which it was accepted.
    Ordered {
        /// Since when: what was accepted before goes its own way.
        #[serde(with = "crate::millis")]
        since: Timestamp,
    },
}

impl DeliveryMode {
    /// Its name, as callers see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Ordered { .. } => "ordered",
        }
    }

    /// The place after which an ordered policy reads the logs.
    #[must_use]
    pub fn start(self) -> Option<Place> {
        match self {
            Self::Independent => None,
            Self::Ordered { since } => Some(Place::at(since)),
        }
    }

    /// Whether the order is kept.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Ordered { .. })
    }
}

/// How a policy is told of an event that it hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a delivery of its own to each recipient.
    Delivery,
    /// By the log: its recipients read on.
    Log,
    /// By the log, in which it does not stand yet: it was accepted when nobody was known to read it.
    Append,
    /// Not at all: it was accepted before the policy was made.
    Nothing,
}

impl Policy {
    /// How it is told of an event that it hears.
    #[must_use]
    pub fn way_of(&self, event: &Event) -> Way {
        let Some(start) = self.delivery_mode.start() else {
            return Way::Delivery;
        };
        match event.place {
            None => Way::Append,
            Some(place) if place > start => Way::Log,
            Some(place) if place > Place::at(self.created_at) => Way::Delivery,
            Some(_) => Way::Nothing,
        }
    }
}
