//! How deliveries and attempts stand in the table.

use super::{
    Store, StoreError, day, due,
    guard::{Item, Key},
    table::read,
};
use crate::{
    attempt::Attempt,
    delivery::{CancelReason, Delivery, FailureReason, Route, State, WithheldReason},
    delivery_id::DeliveryId,
    event_type::EventType,
    id::PolicyId,
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of a delivery that waits, as it stands in the table.
pub(super) const WAITING: &str = "waiting";

#[derive(Serialize, Deserialize)]
pub(super) struct DeliveryRow {
    route: Route,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    event_type: EventType,
    attempts: u32,
    state: String,
    /// Due, ended or since when, by the state; in milliseconds.
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
        let state = match (
            self.state.as_str(),
            self.by,
            self.failure,
            self.withheld,
            self.cancelled,
        ) {
            (WAITING, ..) => Some(State::Waiting { due: at }),
            ("delivered", Some(by), ..) => Some(State::Delivered { by }),
            ("failed", _, Some(reason), ..) => Some(State::Failed { at, reason }),
            ("withheld", _, _, Some(reason), _) => Some(State::Withheld { since: at, reason }),
            ("cancelled", .., Some(reason)) => Some(State::Cancelled { at, reason }),
            _ => None,
        };
        Ok(Delivery {
            route: self.route,
            target: self.target,
            event_type: self.event_type,
            attempts: self.attempts,
            state: state.ok_or_else(|| StoreError::corrupt("a delivery in no known state"))?,
        })
    }
}

pub(super) fn key(route: &Route) -> Key {
    Key {
        pk: partition(route.owner, route.policy, route.event.accepted_at),
        sk: route.id().to_string(),
    }
}

pub(super) fn partition(owner: Tenant, policy: PolicyId, at: Timestamp) -> String {
    format!("{owner}#DELIVERIES#{policy}#{}", day(at))
}

pub(super) fn attempts_partition(owner: Tenant, id: DeliveryId) -> String {
    format!("{owner}#ATTEMPTS#{id}")
}

pub(super) fn attempt_key(route: &Route, number: u32) -> Key {
    Key {
        pk: attempts_partition(route.owner, route.id()),
        sk: format!("{number:06}"),
    }
}

pub(super) fn from_item(item: Item) -> Result<Delivery, StoreError> {
    read::<DeliveryRow>(item)?.into_delivery()
}

impl Store {
    pub(super) fn delivery_row(&self, delivery: &Delivery, now: Timestamp) -> DeliveryRow {
        let mut row = DeliveryRow {
            route: delivery.route.clone(),
            target: delivery.target.clone(),
            event_type: delivery.event_type.clone(),
            attempts: delivery.attempts,
            state: delivery.state.name().to_owned(),
            at: delivery.state.at().as_millisecond(),
            failure: None,
            withheld: None,
            cancelled: None,
            by: None,
            due_shard: None,
            due_at: None,
            expires: delivery.has_ended().then(|| self.expiry(now)),
        };
        match &delivery.state {
            State::Waiting { due } => {
                row.due_shard = Some(due::shard(delivery.id()));
                row.due_at = Some(due::look_at(*due, now).as_millisecond());
            }
            State::Delivered { by } => row.by = Some(by.clone()),
            State::Failed { reason, .. } => row.failure = Some(*reason),
            State::Withheld { reason, .. } => row.withheld = Some(*reason),
            State::Cancelled { reason, .. } => row.cancelled = Some(*reason),
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
