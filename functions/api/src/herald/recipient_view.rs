//! A recipient as policies and deliveries show it.

use ::herald::{
    id::RecipientId,
    recipient::{Recipient, RecipientStatus, SuspensionReason},
};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct RecipientView {
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

impl From<&Recipient> for RecipientView {
    fn from(recipient: &Recipient) -> Self {
        Self {
            id: recipient.id.clone(),
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
