//! Where a delivery stands, and why.

use crate::{attempt::Attempt, id::RecipientId, policy::Policy, recipient::SuspensionReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a delivery stands once it has a record. Before its first attempt it has none, and is
/// *pending*: the event's manifest says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// For the next attempt.
    Waiting {
        /// When that is planned.
        due: Timestamp,
    },
    /// The receiver has it.
    Delivered {
        /// The attempt that brought it there.
        by: Attempt,
    },
    /// Given up.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: FailureReason,
    },
    /// Kept, and not sent for now.
    Withheld {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: WithheldReason,
    },
    /// Not sent, because nobody wants it any more.
    Cancelled {
        /// When.
        at: Timestamp,
        /// Why.
        reason: CancelReason,
    },
}

impl Status {
    /// Every status's name.
    pub const NAMES: [&'static str; 5] =
        ["waiting", "delivered", "failed", "withheld", "cancelled"];

    /// Its name, as callers and tables see it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Delivered { .. } => "delivered",
            Self::Failed { .. } => "failed",
            Self::Withheld { .. } => "withheld",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When it is due, ended, or since when it stands so.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Waiting { due: at }
            | Self::Delivered {
                by: Attempt { at, .. },
            }
            | Self::Failed { at, .. }
            | Self::Withheld { since: at, .. }
            | Self::Cancelled { at, .. } => *at,
        }
    }
}

/// Why a delivery was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The schedule is at its end.
    Exhausted,
    /// The receiver answered 410 Gone.
    Gone,
    /// There is no such mailbox.
    Bounced,
    /// Its recipient was suspended meanwhile.
    RecipientSuspended,
    /// Its event is no longer kept.
    EventExpired,
}

impl From<SuspensionReason> for FailureReason {
    fn from(reason: SuspensionReason) -> Self {
        match reason {
            SuspensionReason::Gone => Self::Gone,
            SuspensionReason::Bounced => Self::Bounced,
            SuspensionReason::Complained
            | SuspensionReason::Unsubscribed
            | SuspensionReason::ByHand => Self::RecipientSuspended,
        }
    }
}

/// Why a delivery is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// An earlier version stored e-mail policies and did not send e-mail.
    EmailNotSent,
    /// Its policy was inactive: somebody said so. It stays until somebody has it tried again.
    PolicyInactive,
    /// Its policy was suspended. It is sent once the policy is healthy again.
    PolicySuspended,
    /// Its policy was not healthy yet. It is sent once it is.
    PolicyPending,
}

/// Why a delivery was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Somebody asked for it.
    Requested,
    /// Its policy was deleted.
    PolicyDeleted,
    /// Its recipient was removed from the policy.
    RecipientRemoved,
}

impl CancelReason {
    /// Why nothing is told to a recipient any more; `None` where its policy lists it.
    #[must_use]
    pub fn of_missing(policy: Option<&Policy>, recipient: &RecipientId) -> Option<Self> {
        match policy.map(|policy| policy.recipient(recipient)) {
            None => Some(Self::PolicyDeleted),
            Some(None) => Some(Self::RecipientRemoved),
            Some(Some(_)) => None,
        }
    }
}
