//! The recorded deliveries of a policy, by time.

use super::{
    ListOrder, Period, Store, StoreError, day, day_after, day_before,
    delivery_rows::{DeliveryRow, partition},
    query::Query,
};
use crate::{delivery::Delivery, delivery_id::DeliveryId, id::PolicyId, tenant::Tenant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a listing stands: on a day, after a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryPosition {
    /// The day that is being read.
    #[serde(with = "crate::millis")]
    day: Timestamp,
    /// The last delivery that was read on it.
    after: Option<DeliveryId>,
}

impl DeliveryPosition {
    /// After a delivery.
    #[must_use]
    pub fn after(id: DeliveryId) -> Self {
        Self {
            day: id.accepted_at(),
            after: Some(id),
        }
    }
}

/// A page of a policy's deliveries.
#[derive(Clone, Debug)]
pub struct DeliveryPage {
    /// The deliveries, in the order that was asked for.
    pub deliveries: Vec<Delivery>,
    /// Where to go on, if there may be more.
    pub next: Option<DeliveryPosition>,
}

/// Which deliveries of a policy a listing reads.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryQuery {
    /// The policy and its owner.
    pub of: (Tenant, PolicyId),
    /// For events accepted in this period.
    pub period: Period,
    /// By their events' time.
    pub order: ListOrder,
    /// Where an earlier page ended; `None` for the first page.
    pub start: Option<DeliveryPosition>,
    /// How many at most.
    pub limit: usize,
}

impl DeliveryQuery {
    const fn is_descending(&self) -> bool {
        matches!(self.order, ListOrder::Newest)
    }

    /// An instant of the day that is read now.
    fn day(&self) -> Timestamp {
        let Period { since, until } = self.period;
        let start = self.start.map(|start| start.day);
        if self.is_descending() {
            start.map_or(until, |day| day.min(until))
        } else {
            start.map_or(since, |day| day.max(since))
        }
    }

    /// The day to go on with, once the present one is read; `None` where that was the last.
    fn next_day(&self) -> Option<DeliveryPosition> {
        let at = self.day();
        let (next, is_within) = if self.is_descending() {
            let earlier = day_before(at);
            (
                earlier,
                earlier < at && day(earlier) >= day(self.period.since),
            )
        } else {
            let later = day_after(at);
            (later, later > at && day(later) <= day(self.period.until))
        };
        is_within.then_some(DeliveryPosition {
            day: next,
            after: None,
        })
    }
}

impl Store {
    /// Lists the recorded deliveries of a policy. It reads one day at a time, so a page may be empty
    /// and yet have a next one.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policy_deliveries(
        &self,
        wanted: &DeliveryQuery,
    ) -> Result<DeliveryPage, StoreError> {
        let after = wanted.start.and_then(|start| start.after);
        let first = DeliveryId::first_at(wanted.period.since);
        let last = DeliveryId::first_at(wanted.period.until).max(first);
        let is_over = |after: DeliveryId| match wanted.order {
            ListOrder::Newest => after < first,
            ListOrder::Oldest => after >= last,
        };
        if after.is_some_and(is_over) {
            return Ok(DeliveryPage {
                deliveries: Vec::new(),
                next: None,
            });
        }
        let (owner, policy) = wanted.of;
        let query = Query {
            between: Some((first.to_string(), last.to_string())),
            after: after
                .filter(|id| (first..last).contains(id))
                .map(|id| id.to_string()),
            descending: wanted.is_descending(),
            ..Query::all(partition(owner, policy, wanted.day()), wanted.limit)
        };
        let page = self.data.query::<DeliveryRow>(query).await?;
        let deliveries = page.rows.into_iter().map(|(_, row)| row.into_delivery());
        let next = match page.next.and_then(|sk| sk.parse().ok()) {
            Some(id) => Some(DeliveryPosition::after(id)),
            None => wanted.next_day(),
        };
        Ok(DeliveryPage {
            deliveries: deliveries.collect::<Result<_, _>>()?,
            next,
        })
    }
}
