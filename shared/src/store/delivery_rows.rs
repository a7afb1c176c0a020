//! How deliveries and attempts stand in the table.

use super::{
    Store, StoreError, day, due,
    guard::{Item, Key},
    table::read,
    withheld,
};
use crate::{
    attempt::Attempt,
    delivery::{CancelReason, Delivery, DeliveryRef, FailureReason, Status, WithheldReason},
    delivery_id::DeliveryId,
    event_type::EventType,
    id::PolicyId,
    recipient::Target,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The status of a delivery that waits, as it stands in the table.
pub(super) const WAITING: &str = "waiting";

#[derive(Serialize, Deserialize)]
pub(super) struct DeliveryRow {
    reference: DeliveryRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
    event_type: EventType,
    attempts: u32,
    status: String,
    /// Due, ended or since when, by the status; in milliseconds.
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withheld: Option<WithheldReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancelled: Option<CancelReason>,
    /// The attempt that succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Attempt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AttemptRow {
    pub(super) attempt: Attempt,
    expires: i64,
}

impl DeliveryRow {
    pub(super) fn into_delivery(self) -> Result<Delivery, StoreError> {
        let at = Timestamp::from_millisecond(self.at).map_err(StoreError::corrupt)?;
        let status = match (
            self.status.as_str(),
            self.by,
            self.failure,
            self.withheld,
            self.cancelled,
        ) {
            (WAITING, ..) => Some(Status::Waiting { due: at }),
            ("delivered", Some(by), ..) => Some(Status::Delivered { by }),
            ("failed", _, Some(reason), ..) => Some(Status::Failed { at, reason }),
            ("withheld", _, _, Some(reason), _) => Some(Status::Withheld { since: at, reason }),
            ("cancelled", .., Some(reason)) => Some(Status::Cancelled { at, reason }),
            _ => None,
        };
        Ok(Delivery {
            reference: self.reference,
            target: self.target,
            event_type: self.event_type,
            attempts: self.attempts,
            status: status.ok_or_else(|| StoreError::corrupt("a delivery in no known status"))?,
        })
    }
}

pub(super) fn key(reference: &DeliveryRef) -> Key {
    Key {
        pk: partition(
            reference.owner,
            reference.policy,
            reference.event.accepted_at,
        ),
        sk: reference.id().to_string(),
    }
}

pub(super) fn partition(owner: Tenant, policy: PolicyId, at: Timestamp) -> String {
    format!("{owner}#DELIVERIES#{policy}#{}", day(at))
}

pub(super) fn attempts_partition(owner: Tenant, id: DeliveryId) -> String {
    format!("{owner}#ATTEMPTS#{id}")
}

/// The key of an attempt that delivered, once another follows it. It is not that of the failed
/// attempt with the same number: two messages about one attempt may have made both.
pub(super) fn arrival_key(reference: &DeliveryRef, attempt: &Attempt) -> Key {
    let Key { pk, sk } = attempt_key(reference, attempt.number);
    let sk = format!("{sk}#{}", attempt.at.as_millisecond());
    Key { pk, sk }
}

/// The key of what came of such an attempt later: after it, even in the same millisecond.
pub(super) fn bounce_key(reference: &DeliveryRef, bounced: &Attempt) -> Key {
    let Key { pk, sk } = arrival_key(reference, bounced);
    let sk = format!("{sk}#bounce");
    Key { pk, sk }
}

pub(super) fn attempt_key(reference: &DeliveryRef, number: u32) -> Key {
    Key {
        pk: attempts_partition(reference.owner, reference.id()),
        sk: format!("{number:06}"),
    }
}

pub(super) fn from_item(item: Item) -> Result<Delivery, StoreError> {
    read::<DeliveryRow>(item)?.into_delivery()
}

impl Store {
    pub(super) fn delivery_row(&self, delivery: &Delivery, now: Timestamp) -> DeliveryRow {
        let mut row = DeliveryRow {
            reference: delivery.reference.clone(),
            target: delivery.target.clone(),
            event_type: delivery.event_type.clone(),
            attempts: delivery.attempts,
            status: delivery.status.name().to_owned(),
            at: delivery.status.at().as_millisecond(),
            failure: None,
            withheld: None,
            cancelled: None,
            by: None,
            due_shard: None,
            due_at: None,
            expires: delivery.has_ended().then(|| self.expiry(now)),
        };
        match &delivery.status {
            Status::Waiting { due } => {
                row.due_shard = Some(due::shard(delivery.id()));
                row.due_at = Some(due::look_at(*due, now).as_millisecond());
            }
            Status::Delivered { by } => row.by = Some(by.clone()),
            Status::Failed { reason, .. } => row.failure = Some(*reason),
            Status::Withheld { since, reason } => {
                row.withheld = Some(*reason);
                if let Some(partition) = withheld::partition(delivery.reference.policy, *reason) {
                    row.due_shard = Some(partition);
                    row.due_at = Some(delivery.reference.event.accepted_at.as_millisecond());
                    let until = withheld::held_until(*since).as_second();
                    // Without a record it would be pending again until the retention is over.
                    row.expires = Some(until.max(self.expiry(*since)));
                }
            }
            Status::Cancelled { reason, .. } => row.cancelled = Some(*reason),
        }
        row
    }

    pub(super) fn attempt_row(&self, attempt: &Attempt) -> AttemptRow {
        AttemptRow {
            attempt: attempt.clone(),
            // The delivery ends, and its retention starts, days after this: hence twice.
            expires: self.expiry(attempt.at + self.retention),
        }
    }
}
