//! A replay: deliveries of a policy that have an attempt now, whatever became of them before. It
//! reads the policy's records from the oldest event on, and goes on where an invocation stopped.

use crate::{
    delivery::{Delivery, Status},
    event_type::EventType,
    id::{PolicyId, ReplayId},
    invalid::Invalid,
    policy::Policy,
    recipient::Recipient,
    store::{DeliveryPosition, Period},
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Which deliveries are sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Of events that were accepted in this period.
    pub period: Period,
    /// Which stand in one of these statuses; at least one.
    pub statuses: Vec<ReplayedStatus>,
    /// Of these types; all where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<EventType>>,
    /// Whether the policy was ordered when somebody asked: its recipients go back in the logs.
    #[serde(default)]
    pub in_order: bool,
}

/// A status of a delivery that has a record. What has none yet is on its way to its first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayedStatus {
    /// It waits for its next attempt, which is made now.
    Waiting,
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
    /// It is withheld.
    Withheld,
    /// It was cancelled.
    Cancelled,
}

impl ReplayedStatus {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Delivered,
        Self::Failed,
        Self::Withheld,
        Self::Cancelled,
    ];

    /// Its name, as callers see it: that of [`Status`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Withheld => "withheld",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for ReplayedStatus {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let named = Self::ALL.into_iter().find(|status| status.name() == text);
        named.ok_or_else(|| {
            let names = Status::NAMES.join(", ");
            Invalid::new(format!("must be one of {names}"))
        })
    }
}

impl Selection {
    /// Whether a delivery is meant.
    ///
    /// * `asked_at`: when somebody asked. What came to stand as it does after that was sent again
    ///   already, by an invocation that stopped, or was sent meanwhile.
    fn keeps(&self, delivery: &Delivery, asked_at: Timestamp) -> bool {
        let status = delivery.status.name();
        let is_named = self.statuses.iter().any(|wanted| wanted.name() == status);
        let is_old = match delivery.status {
            // When it is due says nothing of when it came to wait; nothing but an attempt changes it.
            Status::Waiting { .. } => true,
            _ => delivery.status.at() < asked_at,
        };
        let types = self.event_types.as_ref();
        is_named && is_old && types.is_none_or(|types| types.contains(&delivery.event_type))
    }
}

/// A replay, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// The tenant that owns the policy.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// What is sent again.
    pub selection: Selection,
    /// When somebody asked for it.
    pub created_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// Whether it goes on.
    pub state: ReplayState,
    /// Rises with every change.
    pub version: i64,
}

/// How far a replay has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many records were looked at.
    pub examined: u64,
    /// Of how many an attempt was asked for.
    pub sent: u64,
    /// Where the reading goes on; `None` at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<DeliveryPosition>,
}

/// Whether a replay goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum ReplayState {
    /// It does.
    Running,
    /// It came to its end.
    Completed {
        /// When.
        #[serde(with = "crate::millis")]
        at: Timestamp,
    },
    /// Somebody ended it, or deleted its policy.
    Cancelled {
        /// When.
        #[serde(with = "crate::millis")]
        at: Timestamp,
    },
}

impl ReplayState {
    /// Its name, as callers see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When it ended; `None` while it goes on.
    #[must_use]
    pub const fn ended_at(self) -> Option<Timestamp> {
        match self {
            Self::Running => None,
            Self::Completed { at } | Self::Cancelled { at } => Some(at),
        }
    }
}

impl Replay {
    /// A replay that begins.
    #[must_use]
    pub fn new(
        id: ReplayId,
        (owner, policy): (Tenant, PolicyId),
        selection: Selection,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            owner,
            policy,
            selection,
            created_at: now,
            progress: Progress::default(),
            state: ReplayState::Running,
            version: 1,
        }
    }

    /// Whether it sends a delivery again: one that is selected, and whose recipient is still there to
    /// hear it.
    ///
    /// * `policy`: the one whose replay it is, as it stands now.
    #[must_use]
    pub fn means(&self, policy: &Policy, delivery: &Delivery) -> bool {
        let recipient = policy.recipient(&delivery.reference.recipient);
        self.selection.keeps(delivery, self.created_at)
            && recipient.is_some_and(Recipient::is_active)
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.state, ReplayState::Running)
    }
}

#[cfg(test)]
mod tests;
