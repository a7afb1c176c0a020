//! The message that cancels what nobody wants any more.

use super::Version1;
use crate::{
    id::{PolicyId, RecipientId},
    policy::Policy,
    store::DeliveryPosition,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Cancel what a deleted policy, or a removed recipient, left unfinished, from a position on. While
/// the policy, or the recipient, still stands the message asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelDeliveries {
    /// Form of the message.
    pub v: Version1,
    /// The policy's owner.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// The recipient that was removed; `None` where the policy was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<RecipientId>,
    /// When the policy was made.
    #[serde(with = "crate::millis")]
    pub since: Timestamp,
    /// Where an earlier invocation stopped; `None` at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<DeliveryPosition>,
}

impl CancelDeliveries {
    /// What is cancelled once a policy is deleted, or one of its recipients is removed.
    #[must_use]
    pub fn of(policy: &Policy, recipient: Option<RecipientId>) -> Self {
        Self {
            v: Version1,
            owner: policy.owner,
            policy: policy.id,
            recipient,
            since: policy.created_at,
            resume: None,
        }
    }
}
