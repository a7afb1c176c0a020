//! The sparse index of deliveries that wait: what the timer reads.

use super::{
    Store, StoreError,
    delivery_rows::{self, DeliveryRow},
    guard::{Guard, Item, Written},
    query::IndexQuery,
    schema::DUE_INDEX,
    update::Update,
};
use crate::{
    delivery::Delivery, delivery_id::DeliveryId, error_chain::error_chain, queue::MAX_DELAY,
};
use jiff::{SignedDuration, Timestamp};

/// Partitions of the index, so that a storm of retries does not meet in one.
pub const DUE_SHARDS: u8 = 8;

/// How long the queue has for a message that the timer gave it, before the timer gives another.
pub(super) const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// A delivery that the timer shall look at.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// The delivery, which waits.
    pub delivery: Delivery,
    /// When its next attempt is planned.
    pub due: Timestamp,
    /// Since when the timer should look.
    look_at: Timestamp,
}

impl DueDelivery {
    fn new(row: DeliveryRow) -> Result<Self, StoreError> {
        let look_at = row
            .due_at
            .and_then(|at| Timestamp::from_millisecond(at).ok())
            .ok_or_else(|| StoreError::corrupt("an index row without a time"))?;
        let delivery = row.into_delivery()?;
        let due = delivery
            .due()
            .ok_or_else(|| StoreError::corrupt("an index row that does not wait"))?;
        Ok(Self {
            delivery,
            due,
            look_at,
        })
    }
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
pub struct DuePosition(pub(super) Item);

/// The index partition of a delivery.
pub(super) fn shard(id: DeliveryId) -> String {
    shard_name(id.shard(DUE_SHARDS))
}

fn shard_name(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// Whether only the timer can wake from a wait, because it is longer than a queue holds a message.
#[must_use]
pub fn is_long_wait(due: Timestamp, now: Timestamp) -> bool {
    due.duration_since(now) > SignedDuration::try_from(MAX_DELAY).unwrap_or(SignedDuration::MAX)
}

/// When the timer shall look at a delivery that is due: at once for a long wait, after the grace
/// for a short one, from which the queue wakes.
pub(super) fn look_at(due: Timestamp, now: Timestamp) -> Timestamp {
    if is_long_wait(due, now) {
        due
    } else {
        after_grace(due, now)
    }
}

fn after_grace(due: Timestamp, now: Timestamp) -> Timestamp {
    due.max(now) + GRACE
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
        let mut due = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            // One that cannot be read keeps no other from being woken.
            match row.and_then(DueDelivery::new) {
                Ok(one) => due.push(one),
                Err(error) => tracing::error!(
                    error = error_chain(&error),
                    "a waiting delivery cannot be read and is passed over"
                ),
            }
        }
        Ok(DuePage {
            due,
            next: page.next.map(DuePosition),
        })
    }

    /// Notes that the queue has a message about a delivery's next attempt that is seen later than
    /// planned, so that the timer looks only after that. Changes nothing where no record waits.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn look_after(&self, of: &Delivery, until: Timestamp) -> Result<(), StoreError> {
        let key = delivery_rows::key(&of.reference);
        let later = after_grace(until, until).as_millisecond();
        let update = Update::default().number("due_at", later);
        let attempts = ("attempts", i64::from(of.attempts));
        let guard = Guard::Both(attempts, ("status", delivery_rows::WAITING));
        match self.data.update_if(key, &update, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// Notes that the queue has a wake-up for a delivery, so that the timer looks again only
    /// after the grace. Changes nothing where the delivery moved on meanwhile.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn postpone(&self, woken: &DueDelivery, now: Timestamp) -> Result<(), StoreError> {
        let key = delivery_rows::key(&woken.delivery.reference);
        let later = after_grace(woken.due, now).as_millisecond();
        let update = Update::default().number("due_at", later);
        let guard = Guard::Equals("due_at", woken.look_at.as_millisecond());
        match self.data.update_if(key, &update, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}
