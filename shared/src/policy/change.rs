//! What a request changes of a policy: only what it names.

use super::{
    DeliveryMode, Details, EventTypes, Health, Policy, Scope, WantedPolicyStatus, check_targets,
};
use crate::{
    id::RecipientId,
    invalid::Invalid,
    name::Name,
    pace::Pace,
    random::Random,
    recipient::{Recipient, RecipientStatus, SuspensionReason, Target},
    retry::RetryPolicy,
};
use jiff::Timestamp;

/// What shall be different. `None` leaves a part as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyChange {
    /// What it is called.
    pub name: Option<Name>,
    /// What is told.
    pub event_types: Option<EventTypes>,
    /// In which accounts.
    pub scope: Option<Scope>,
    /// How its deliveries are tried again.
    pub retry: Option<RetryPolicy>,
    /// Whether it sends.
    pub status: Option<WantedPolicyStatus>,
    /// How its health is known; `Some(None)` has nobody ask any more.
    pub health: Option<Option<Health>>,
    /// Whether its deliveries keep the order of their events from now on. What is so stays so.
    pub ordered: bool,
    /// How many requests it makes in a second at most; `Some(None)` for as many as there are.
    pub pace: Option<Option<Pace>>,
    /// Who is told, in place of all that are.
    pub recipients: Option<Vec<WantedRecipient>>,
    /// Everything else, in place of all that is.
    pub details: Option<Details>,
}

/// A recipient as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedRecipient {
    /// Which of the webhooks that are listed it is, wherever that was: it moves, and keeps its id and
    /// so its place in the logs.
    pub id: Option<RecipientId>,
    /// Where it is.
    pub target: Target,
    /// Whether it is sent to; `None` leaves one that is listed as it is.
    pub status: Option<WantedStatus>,
}

impl From<Target> for WantedRecipient {
    /// A new one is sent to, and one that is listed stays as it is.
    fn from(target: Target) -> Self {
        Self {
            id: None,
            target,
            status: None,
        }
    }
}

/// Whether a recipient shall be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedStatus {
    /// It shall, whatever suspended it.
    Active,
    /// It shall not, until somebody says so.
    Suspended,
}

impl WantedRecipient {
    /// The recipient that it stands for, given the one with its target that is listed.
    pub(super) fn into_recipient(
        self,
        listed: Option<&Recipient>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Recipient {
        let present = listed.map_or(RecipientStatus::Active, |listed| listed.status);
        let by_hand = RecipientStatus::Suspended {
            since: now,
            reason: SuspensionReason::ByHand,
        };
        let status = match (self.status, present) {
            (None, present) => present,
            (Some(WantedStatus::Active), _) => RecipientStatus::Active,
            (Some(WantedStatus::Suspended), RecipientStatus::Active) => by_hand,
            (Some(WantedStatus::Suspended), suspended) => suspended,
        };
        Recipient {
            id: listed.map_or_else(|| random.recipient_id(), |listed| listed.id.clone()),
            target: self.target,
            status,
        }
    }
}

impl Policy {
    /// The next version, changed as asked; the same, where nothing would be different.
    ///
    /// # Errors
    /// Where its recipients are too many or too long.
    pub fn apply(
        self,
        change: PolicyChange,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        let mut next = self.clone();
        if let Some(wanted) = change.recipients {
            check_targets(wanted.iter().map(|wanted| wanted.target.as_str()))?;
            let listed = self.listed(&wanted)?;
            let recipients = wanted.into_iter().zip(listed);
            let recipients = recipients.map(|(wanted, id)| {
                let listed = id.and_then(|id| self.recipient(&id));
                wanted.into_recipient(listed, random, now)
            });
            next.recipients = recipients.collect();
        }
        next.name = change.name.unwrap_or(next.name);
        next.event_types = change.event_types.unwrap_or(next.event_types);
        next.retry = change.retry.unwrap_or(next.retry);
        next.scope = change.scope.unwrap_or(next.scope);
        next.details = change.details.unwrap_or(next.details);
        next.pace = change.pace.unwrap_or(next.pace);
        next.health = match change.health {
            Some(health) => health,
            None => next.health_after(&self),
        };
        next.status = next.status.under(next.health.as_ref());
        if let Some(wanted) = change.status {
            next.status = next.status.asked(wanted, next.health.is_some(), now);
        }
        if change.ordered && !next.delivery_mode.is_ordered() {
            next.delivery_mode = DeliveryMode::ordered(now);
        }
        Ok(if next == self {
            self
        } else {
            next.remembering(&self, now).changed(now)
        })
    }
}

#[cfg(test)]
mod tests;
