//! The recorded deliveries of a policy, by time.

use super::{
    Period, Store, StoreError, day, day_before,
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
    /// The deliveries, the newest event first.
    pub deliveries: Vec<Delivery>,
    /// Where to go on, if there may be more.
    pub next: Option<DeliveryPosition>,
}

impl Store {
    /// Lists the recorded deliveries of a policy for events accepted in a period, the newest
    /// event first. It reads one day at a time, so a page may be empty and yet have a next one.
    ///
    /// * `start`: where an earlier page ended; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policy_deliveries(
        &self,
        (owner, policy): (Tenant, PolicyId),
        period: &Period,
        start: Option<DeliveryPosition>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let at = start.map_or(period.until, |start| start.day.min(period.until));
        let after = start.and_then(|start| start.after);
        let first = DeliveryId::first_at(period.since);
        let last = DeliveryId::first_at(period.until).max(first);
        if after.is_some_and(|after| after < first) {
            return Ok(DeliveryPage {
                deliveries: Vec::new(),
                next: None,
            });
        }
        let query = Query {
            between: Some((first.to_string(), last.to_string())),
            after: after
                .filter(|id| (first..last).contains(id))
                .map(|id| id.to_string()),
            descending: true,
            ..Query::all(partition(owner, policy, at), limit)
        };
        let page = self.data.query::<DeliveryRow>(query).await?;
        let deliveries = page.rows.into_iter().map(|(_, row)| row.into_delivery());
        let earlier = day_before(at);
        let next = match page.next.and_then(|sk| sk.parse().ok()) {
            Some(id) => Some(DeliveryPosition::after(id)),
            None => {
                (day(earlier) >= day(period.since) && earlier < at).then_some(DeliveryPosition {
                    day: earlier,
                    after: None,
                })
            }
        };
        Ok(DeliveryPage {
            deliveries: deliveries.collect::<Result<_, _>>()?,
            next,
        })
    }
}
