//! Whether a policy's deliveries keep the order of their events.

use super::{Earlier, Policy};
use crate::{dialect::Dialect, event::Event, id::RecipientId, place::Place};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a policy's deliveries keep the order of their events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
        /// What the policy heard when it heard something else, the earliest first: the log is read
        /// later than it is written, and is read as the policy was then.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        earlier: Vec<Earlier>,
        /// The recipients that joined it later.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        joined: Vec<Joined>,
    },
}

/// A recipient that joined an ordered policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// Who.
    pub recipient: RecipientId,
    /// When: it is told what was accepted after.
    #[serde(with = "crate::millis")]
    pub at: Timestamp,
}

impl DeliveryMode {
    /// In order, from an instant on.
    #[must_use]
    pub const fn ordered(since: Timestamp) -> Self {
        Self::Ordered {
            since,
            earlier: Vec::new(),
            joined: Vec::new(),
        }
    }

    /// Its name, as callers see it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Ordered { .. } => "ordered",
        }
    }

    /// The place after which an ordered policy reads the logs.
    #[must_use]
    pub fn start(&self) -> Option<Place> {
        match self {
            Self::Independent => None,
            Self::Ordered { since, .. } => Some(Place::at(*since)),
        }
    }

    /// The place after which a recipient reads the logs.
    #[must_use]
    pub fn start_of(&self, recipient: &RecipientId) -> Option<Place> {
        let Self::Ordered { since, joined, .. } = self else {
            return None;
        };
        let joined = joined.iter().find(|joined| joined.recipient == *recipient);
        Some(Place::at(joined.map_or(*since, |joined| joined.at)))
    }

    /// The place after which it hears what it hears now, and tells whom it tells now. What is accepted
    /// from now on stands behind it, whatever the clock says of who accepts it.
    #[must_use]
    pub fn present_start(&self) -> Option<Place> {
        let Self::Ordered {
            since,
            earlier,
            joined,
        } = self
        else {
            return None;
        };
        let changes = earlier.iter().map(|earlier| earlier.until);
        let joins = joined.iter().map(|joined| joined.at);
        let last = changes.chain(joins).fold(*since, Timestamp::max);
        Some(Place::at(last))
    }

    /// Whether the order is kept.
    #[must_use]
    pub const fn is_ordered(&self) -> bool {
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
    /// Not at all: when it was accepted, the policy was not made, or did not hear of it.
    Nothing,
}

impl Policy {
    /// How it is told of an event that it hears now.
    ///
    /// * `dialects`: those that know the event's type.
    #[must_use]
    pub fn way_of(&self, event: &Event, dialects: &[Dialect]) -> Way {
        let Some(start) = self.delivery_mode.start() else {
            return Way::Delivery;
        };
        let account = event.reference.tenant.account;
        let event_type = &event.report.event_type;
        match event.place {
            None => Way::Append,
            Some(place) if place > start => {
                if self.heard_at(place, account, event_type, dialects) {
                    Way::Log
                } else {
                    Way::Nothing
                }
            }
            Some(place) if place > Place::at(self.created_at) => Way::Delivery,
            Some(_) => Way::Nothing,
        }
    }

    /// The place at which it reads of an event in the log, where it does.
    #[must_use]
    pub fn reads_in_log(&self, event: &Event) -> Option<Place> {
        let start = self.delivery_mode.start()?;
        event.place.filter(|place| *place > start)
    }
}
