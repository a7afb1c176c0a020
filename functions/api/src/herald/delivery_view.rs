//! Deliveries as callers see them, with or without a record.

use crate::{Api, failure::Failure};
use ::herald::{
    attempt::Attempt,
    delivery::{CancelReason, Delivery, DeliveryRef, FailureReason, Status, WithheldReason},
    delivery_id::DeliveryId,
    event::EventId,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    policy::Policy,
    recipient::Target,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// The status of a delivery that has no record yet.
pub(super) const PENDING: &str = "pending";

/// The status of one that is never to have one.
const CANCELLED: &str = "cancelled";

/// A delivery in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryView {
    pub(super) id: DeliveryId,
    event_id: EventId,
    event_type: EventType,
    policy_id: PolicyId,
    recipient_id: RecipientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    attempt_count: u32,
    accepted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld_since: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reason {
    Failed(FailureReason),
    Withheld(WithheldReason),
    Cancelled(CancelReason),
}

/// An attempt.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttemptView {
    number: u32,
    at: Timestamp,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The first 4 KiB of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

impl DeliveryView {
    /// The policy that it belongs to.
    pub(super) const fn policy_id(&self) -> PolicyId {
        self.policy_id
    }

    /// A delivery without a record: pending, or never to be made, because nobody is there any more
    /// whom it would be made to.
    pub(super) fn unrecorded(
        reference: &DeliveryRef,
        event_type: EventType,
        policy: Option<&Policy>,
    ) -> Self {
        let recipient = policy.and_then(|policy| policy.recipient(&reference.recipient));
        let target = recipient.map(|recipient| recipient.target.clone());
        let reason = CancelReason::of_missing(policy, &reference.recipient);
        Self {
            status: reason.map_or(PENDING, |_| CANCELLED),
            reason: reason.map(Reason::Cancelled),
            ..Self::bare(reference, event_type, target)
        }
    }

    fn bare(reference: &DeliveryRef, event_type: EventType, target: Option<Target>) -> Self {
        Self {
            id: reference.id(),
            event_id: reference.event.id.clone(),
            event_type,
            policy_id: reference.policy,
            recipient_id: reference.recipient.clone(),
            target: target.map(|target| target.to_string()),
            status: PENDING,
            reason: None,
            attempt_count: 0,
            accepted_at: reference.event.accepted_at,
            next_attempt_at: None,
            ended_at: None,
            withheld_since: None,
        }
    }
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let at = Some(delivery.status.at());
        let bare = Self {
            status: delivery.status.name(),
            attempt_count: delivery.attempts,
            ..Self::bare(
                &delivery.reference,
                delivery.event_type.clone(),
                delivery.target.clone(),
            )
        };
        match &delivery.status {
            Status::Waiting { .. } => Self {
                next_attempt_at: at,
                ..bare
            },
            Status::Delivered { .. } => Self {
                ended_at: at,
                ..bare
            },
            Status::Failed { reason, .. } => Self {
                ended_at: at,
                reason: Some(Reason::Failed(*reason)),
                ..bare
            },
            Status::Withheld { reason, .. } => Self {
                withheld_since: at,
                reason: Some(Reason::Withheld(*reason)),
                ..bare
            },
            Status::Cancelled { reason, .. } => Self {
                ended_at: at,
                reason: Some(Reason::Cancelled(*reason)),
                ..bare
            },
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let answer = attempt.outcome.answer();
        Self {
            number: attempt.number,
            at: attempt.at,
            duration_ms: attempt.duration_ms,
            status_code: answer.map(|answer| answer.status),
            error: attempt.outcome.error(),
            answer: answer.map(|answer| answer.body.clone()),
        }
    }
}

impl Api {
    /// Some deliveries of one event, in their order; `None` for those that are forgotten.
    pub(super) async fn view(
        &self,
        references: &[DeliveryRef],
        event_type: &EventType,
    ) -> Result<Vec<Option<DeliveryView>>, Failure> {
        let deliveries = self.store.deliveries(references).await?;
        let mut pending: Vec<_> = references
            .iter()
            .filter(|reference| !deliveries.contains_key(&reference.id()))
            .map(|reference| (reference.owner, reference.policy))
            .collect();
        pending.sort_unstable();
        pending.dedup();
        let event = match references {
            [reference, ..] if !pending.is_empty() => {
                self.store.kept_event(&reference.event).await?
            }
            _ => None,
        };
        let event = event.as_ref().map(|kept| &kept.event);
        let policies = self.store.policies(&pending).await?;
        let policies: HashMap<_, _> = policies.iter().map(|policy| (policy.id, policy)).collect();
        let mut views = Vec::with_capacity(references.len());
        for reference in references {
            if let Some(delivery) = deliveries.get(&reference.id()) {
                views.push(Some(delivery.into()));
                continue;
            }
            let policy = policies.get(&reference.policy).copied();
            let is_to_come = self.is_to_come(reference, event, policy).await?;
            views.push(
                is_to_come.then(|| DeliveryView::unrecorded(reference, event_type.clone(), policy)),
            );
        }
        Ok(views)
    }
}
