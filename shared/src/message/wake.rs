//! The message that wakes an ordered recipient.

use super::{Version1, WebhookMessage, body};
use crate::{
    id::{PolicyId, RecipientId},
    lane::LaneRef,
    policy::Policy,
    queue::Outgoing,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Tell an ordered recipient what stands in the log. Sent more often than needed: where nothing is
/// left to tell, or somebody is telling it, it asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wake {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// Its recipient.
    pub recipient: RecipientId,
    /// Whether somebody asks for an attempt now, however long the next one is to wait.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
    /// The instant for which it was sent, where a lane waits for one. By a clock that is behind it may
    /// come before that, and is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Wake {
    /// The same, for an attempt now.
    #[must_use]
    pub fn at_once(self) -> Self {
        Self {
            at_once: true,
            ..self
        }
    }

    /// The same, for an instant that a lane waits for.
    #[must_use]
    pub fn at(self, due: Timestamp) -> Self {
        Self {
            due: Some(due),
            ..self
        }
    }

    /// The message, ready to send and to be seen after a delay; the policy is its group.
    #[must_use]
    pub fn outgoing(self, delay: Duration) -> Outgoing {
        let group = Some(self.policy.to_string());
        let body = body(&WebhookMessage::Wake(self));
        Outgoing { body, delay, group }
    }
}

impl Policy {
    /// The messages that wake its recipients, where it is ordered, for an attempt now: somebody
    /// changed what may have kept them from accepting one.
    #[must_use]
    pub fn wakes_at_once(&self, delay: Duration) -> Vec<Outgoing> {
        let wakes = self.wakes().into_iter();
        wakes.map(|wake| wake.at_once().outgoing(delay)).collect()
    }

    /// What wakes its recipients, where it is ordered.
    #[must_use]
    pub fn wakes(&self) -> Vec<Wake> {
        if !self.delivery_mode.is_ordered() {
            return Vec::new();
        }
        let active = self.recipients.iter().filter(|known| known.is_active());
        let lanes = active.map(|recipient| LaneRef::of(self, &recipient.id));
        lanes.map(|lane| lane.wake()).collect()
    }
}
