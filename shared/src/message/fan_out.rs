//! The message that finds who hears of an event.

use super::Version1;
use crate::event::EventRef;
use serde::{Deserialize, Serialize};

/// Find who hears of an event, from a position on.
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

/// A position in the fan-out of an event: every hint before it is done.
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
    /// Which hint is the next, to compare it with another position of the same event.
    #[must_use]
    pub fn hint(&self) -> (usize, Option<&str>) {
        (self.key, self.after.as_deref())
    }
}
