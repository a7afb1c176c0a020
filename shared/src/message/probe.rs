//! The message that asks for a health probe.

use super::{Version1, WebhookMessage, body};
use crate::{id::PolicyId, queue::Outgoing, tenant::Tenant};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Ask whether a policy is healthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
}

impl Probe {
    /// The message, ready to send; the policy is its group.
    #[must_use]
    pub fn outgoing(self) -> Outgoing {
        let group = Some(self.policy.to_string());
        Outgoing {
            body: body(&WebhookMessage::Probe(self)),
            delay: Duration::ZERO,
            group,
        }
    }
}
