//! The sparse index of deliveries that wait: what the timer reads.

use super::{
    Store, StoreError,
    delivery_rows::{self, DeliveryRow},
    guard::{Guard, Item, Written},
    schema::DUE_INDEX,
    table::IndexQuery,
};
use crate::{delivery::Delivery, delivery_id::DeliveryId, queue::MAX_DELAY};
use jiff::{SignedDuration, Timestamp};

/// Partitions of the index, so that a storm of retries does not meet in one.
pub const DUE_SHARDS: u8 = 8;

/// How long the queue has for a wake-up that it was given, before the timer gives another.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// A delivery that the timer shall look at.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// The delivery, waiting.
    pub delivery: Delivery,
    /// Since when the timer should look.
    look_at: Timestamp,
}

/// A page of them.
#[derive(Debug)]
pub struct DuePage {
    /// The deliveries, the earliest first.
    pub due: Vec<DueDelivery>,
    /// Where to go on, if there may be more.
    pub next: Option<DuePosition>,
}

/// Where a reading of the index stands.
#[derive(Debug)]
pub struct DuePosition(Item);

/// The index partition of a delivery.
pub(super) fn shard(id: DeliveryId) -> String {
    shard_name(id.shard(DUE_SHARDS))
}

fn shard_name(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// When the timer shall look at a delivery that is due: at once for a long wait, which only the
/// timer can wake from; after the grace for a short one, which the queue wakes from.
pub(super) fn look_at(due: Timestamp, now: Timestamp) -> Timestamp {
    let long = due.duration_since(now).unsigned_abs() > MAX_DELAY;
    if due > now && long {
        due
    } else {
        due.max(now) + GRACE
    }
}

impl Store {
    /// The deliveries of an index partition that the timer shall look at by an instant, the
    /// earliest first.
    ///
    /// * `start`: where an earlier page ended; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn due_deliveries(
        &self,
        shard: u8,
        by: Timestamp,
        start: Option<DuePosition>,
        limit: usize,
    ) -> Result<DuePage, StoreError> {
        let query = IndexQuery {
            partition: shard_name(shard),
            at_most: by.as_millisecond(),
            start: start.map(|DuePosition(start)| start),
            limit,
        };
        let page = self
            .data
            .query_index::<DeliveryRow>(&DUE_INDEX, query)
            .await?;
        let due = |row: DeliveryRow| {
            let look_at = row
                .due_at
                .and_then(|at| Timestamp::from_millisecond(at).ok())
                .ok_or_else(|| StoreError::corrupt("an index row without a time"))?;
            let delivery = row.into_delivery()?;
            Ok(DueDelivery { delivery, look_at })
        };
        Ok(DuePage {
            due: page
                .rows
                .into_iter()
                .map(due)
                .collect::<Result<_, StoreError>>()?,
            next: page.next.map(DuePosition),
        })
    }

    /// Notes that the queue has a wake-up for a delivery, so that the timer looks again only
    /// after the grace. Changes nothing where the delivery moved on meanwhile.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn postpone(&self, woken: &DueDelivery, now: Timestamp) -> Result<(), StoreError> {
        let due = woken.delivery.due().unwrap_or(now);
        let key = delivery_rows::key(&woken.delivery.route);
        let fields = [("due_at", (due.max(now) + GRACE).as_millisecond())];
        let guard = Guard::Equals("due_at", woken.look_at.as_millisecond());
        match self.data.set_if(key, &fields, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}
