//! A policy as Herald's own routes show it, whatever its dialect.

use ::herald::{
    dialect::Dialect,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    name::Name,
    policy::{EventTypes, Policy},
    recipient::{Channel, Recipient, RecipientStatus, SuspensionReason},
};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyView {
    id: PolicyId,
    dialect: Dialect,
    name: Name,
    /// Null for all types of its dialect.
    event_types: Option<Vec<EventType>>,
    channel: Channel,
    recipients: Vec<RecipientView>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
}

#[derive(Debug, Serialize)]
struct RecipientView {
    id: RecipientId,
    target: String,
    #[serde(flatten)]
    status: StatusView,
}

/// Whether a recipient is sent to; where it is not, since when, and why.
#[derive(Debug, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum StatusView {
    Active,
    Suspended {
        since: Timestamp,
        reason: SuspensionReason,
    },
}

impl From<Policy> for PolicyView {
    fn from(policy: Policy) -> Self {
        Self {
            id: policy.id,
            dialect: policy.dialect,
            name: policy.name,
            event_types: match policy.event_types {
                EventTypes::All => None,
                EventTypes::Named(types) => Some(types),
            },
            channel: policy.channel,
            recipients: policy.recipients.into_iter().map(Into::into).collect(),
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            version: policy.version,
        }
    }
}

impl From<Recipient> for RecipientView {
    fn from(recipient: Recipient) -> Self {
        Self {
            id: recipient.id,
            target: recipient.target.to_string(),
            status: match recipient.status {
                RecipientStatus::Active => StatusView::Active,
                RecipientStatus::Suspended { since, reason } => {
                    StatusView::Suspended { since, reason }
                }
            },
        }
    }
}
