//! The message that has sent what was withheld.

use super::{EventsMessage, Version1};
use crate::{
    id::PolicyId,
    policy::Policy,
    queue::{Outgoing, QueueName},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Send what was withheld of a policy that was suspended or pending. While it is not active the
/// message asks for nothing. What was sent is withheld no more, so that whoever goes on, or does it
/// again, begins with the oldest that is left.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FlushWithheld {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
}

impl FlushWithheld {
    /// What is sent once a policy is active.
    #[must_use]
    pub const fn of(policy: &Policy) -> Self {
        Self {
            v: Version1,
            owner: policy.owner,
            policy: policy.id,
        }
    }
}

impl Policy {
    /// What has it go on once it is active: the flush of what was withheld, and where it is ordered
    /// a message that wakes each recipient.
    #[must_use]
    pub fn goes_on(&self, delay: Duration) -> [(QueueName, Vec<Outgoing>); 2] {
        let flush = EventsMessage::FlushWithheld(FlushWithheld::of(self)).delayed(delay);
        [
            (QueueName::Events, vec![flush]),
            (QueueName::Webhook, self.wakes_at_once(delay)),
        ]
    }
}
