//! Deliveries and their attempts. A first attempt that succeeds costs one dominating write;
//! every other change is guarded by the status and the number of attempts that it was made on.

use super::{
    Store, StoreError,
    delivery_rows::{
        AttemptRow, WAITING, arrival_key, attempt_key, attempts_partition, bounce_key, from_item,
        key,
    },
    events,
    guard::{Guard, Written},
    policy_rows,
    query::Query,
};
use crate::{
    attempt::Attempt,
    delivery::{Delivery, DeliveryRef, Status},
    delivery_id::DeliveryId,
    event::{Event, EventRef},
    id::PolicyId,
    policy::Policy,
};
use jiff::Timestamp;
use std::collections::HashMap;

/// Whether a change of a delivery was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// It was.
    Done,
    /// Somebody else changed the delivery meanwhile; nothing was recorded.
    Stale,
}

/// A row that was found: one that cannot be read concerns only who needs it.
pub type Read<T> = Result<T, StoreError>;

/// What a batch of attempts starts from.
#[derive(Debug, Default)]
pub struct DeliveryRead {
    /// The deliveries that have a record.
    pub deliveries: HashMap<DeliveryId, Read<Delivery>>,
    /// The policies that are still there.
    pub policies: HashMap<PolicyId, Read<Policy>>,
    /// The events that were asked for and are still kept.
    pub events: HashMap<EventRef, Read<Event>>,
}

/// The guard that a delivery stands as it was read.
fn stands(delivery: &Delivery) -> Guard {
    let attempts = ("attempts", i64::from(delivery.attempts));
    Guard::Both(attempts, ("status", delivery.status.name()))
}

impl Store {
    /// Reads what a batch of attempts starts from in one request, as it is after every
    /// acknowledged write.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn read_for_attempts<'a>(
        &self,
        references: impl Iterator<Item = &'a DeliveryRef> + Clone,
        events: impl Iterator<Item = &'a EventRef>,
    ) -> Result<DeliveryRead, StoreError> {
        let deliveries: HashMap<_, _> = references
            .clone()
            .map(|reference| (key(reference), reference.id()))
            .collect();
        let policies: HashMap<_, _> = references
            .map(|reference| {
                (
                    policy_rows::key(reference.owner, reference.policy),
                    reference.policy,
                )
            })
            .collect();
        let events: HashMap<_, _> = events
            .map(|event| (events::key(event.tenant, &event.id), event.clone()))
            .collect();
        let keys = deliveries
            .keys()
            .chain(policies.keys())
            .chain(events.keys());
        let mut read = DeliveryRead::default();
        for (key, item) in self.data.batch_get(keys.cloned().collect()).await? {
            if let Some(id) = deliveries.get(&key) {
                read.deliveries.insert(*id, from_item(item));
            } else if let Some(id) = policies.get(&key) {
                read.policies.insert(*id, policy_rows::from_item(item));
            } else if let Some(event) = events.get(&key) {
                read.events.insert(event.clone(), events::from_item(item));
            }
        }
        Ok(read)
    }

    /// Those of some deliveries that have a record.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn deliveries(
        &self,
        references: &[DeliveryRef],
    ) -> Result<HashMap<DeliveryId, Delivery>, StoreError> {
        let items = self
            .data
            .batch_get(references.iter().map(key).collect())
            .await?;
        items
            .into_values()
            .map(|item| from_item(item).map(|delivery| (delivery.id(), delivery)))
            .collect()
    }

    /// The attempts of a delivery in order, with the one that succeeded.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn attempts(&self, delivery: &Delivery) -> Result<Vec<Attempt>, StoreError> {
        let mut attempts = self.failed_attempts(&delivery.reference).await?;
        if let Status::Delivered { by } = &delivery.status {
            attempts.push(by.clone());
        }
        Ok(attempts)
    }

    /// The attempts of a delivery in order, without the one that succeeded last.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn failed_attempts(
        &self,
        reference: &DeliveryRef,
    ) -> Result<Vec<Attempt>, StoreError> {
        let pk = attempts_partition(reference.owner, reference.id());
        let mut query = Query::all(pk, 1_000);
        let mut attempts = Vec::new();
        loop {
            let page = self.data.query::<AttemptRow>(query.clone()).await?;
            attempts.extend(page.rows.into_iter().map(|(_, row)| row.attempt));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(attempts),
            }
        }
    }

    /// Records deliveries that have arrived, whatever stood there: arriving dominates.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_delivered(
        &self,
        delivered: &[Delivery],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = delivered
            .iter()
            .map(|delivery| (key(&delivery.reference), self.delivery_row(delivery, now)))
            .collect();
        self.data.batch_put(rows).await
    }

    /// Records a failed attempt and what follows from it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_failed_attempt(
        &self,
        attempt: &Attempt,
        after: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let made = ("attempts", i64::from(attempt.number) - 1);
        let guard = match attempt.number {
            1 => Guard::AbsentOrBoth(made, ("status", WAITING)),
            _ => Guard::Both(made, ("status", WAITING)),
        };
        let row = self.delivery_row(after, now);
        let attempt_key = attempt_key(&after.reference, attempt.number);
        let attempt_row = self.attempt_row(attempt);
        let writes = vec![
            self.data.guarded(key(&after.reference), &row, &guard)?,
            self.data
                .guarded(attempt_key, &attempt_row, &Guard::Absent)?,
        ];
        self.data.transact(writes).await.map(Recorded::from)
    }

    /// Records that a mail came back which had arrived, and what follows from it.
    ///
    /// * `from`: the delivery as it was read, delivered.
    /// * `bounced`: the attempt that brought the mail on its way, with what came of it later.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_bounce(
        &self,
        from: &Delivery,
        bounced: &Attempt,
        after: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let Status::Delivered { by } = &from.status else {
            return Ok(Recorded::Stale);
        };
        let reference = &from.reference;
        let mut after = after.clone();
        after.attempts = self.last_number(from, by).await?;
        let row = self.delivery_row(&after, now);
        let keys = [arrival_key(reference, by), bounce_key(reference, bounced)];
        let rows = keys.into_iter().zip([by, bounced]).map(|(key, made)| {
            let row = self.attempt_row(made);
            self.data.guarded(key, &row, &Guard::Absent)
        });
        let mut writes = rows.collect::<Result<Vec<_>, _>>()?;
        writes.push(self.data.guarded(key(reference), &row, &stands(from))?);
        self.data.transact(writes).await.map(Recorded::from)
    }

    /// Writes the first record of a delivery, unless it has one.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn start_delivery(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let row = self.delivery_row(delivery, now);
        let put = self
            .data
            .put_if(key(&delivery.reference), &row, &Guard::Absent);
        put.await.map(Recorded::from)
    }

    /// The number of the last attempt of a delivery that arrived. Of two messages about one delivery
    /// the slower may have arrived after the other's later attempts: the next number follows on all.
    async fn last_number(&self, delivery: &Delivery, by: &Attempt) -> Result<u32, StoreError> {
        let made = self.attempts(delivery).await?;
        let last = made.iter().map(|made| made.number).max();
        Ok(last.unwrap_or(by.number))
    }

    /// Moves a delivery from the status in which it was read to another.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn move_delivery(
        &self,
        from: &Delivery,
        to: Status,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let moved = self.moved(from, to, now).await?;
        Ok(moved.map_or(Recorded::Stale, |_| Recorded::Done))
    }

    /// Has a delivery wait for an attempt now, from the status in which it was read; returns it as it
    /// stands then, `None` where somebody else changed it meanwhile.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn make_ready(
        &self,
        from: &Delivery,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.moved(from, Status::Waiting { due: now }, now).await
    }

    async fn moved(
        &self,
        from: &Delivery,
        to: Status,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let mut next = from.clone().into_status(to);
        let mut writes = Vec::new();
        if let Status::Delivered { by } = &from.status {
            // It makes room for what follows.
            next.attempts = self.last_number(from, by).await?;
            let key = arrival_key(&from.reference, by);
            writes.push(
                self.data
                    .guarded(key, &self.attempt_row(by), &Guard::Absent)?,
            );
        }
        let row = self.delivery_row(&next, now);
        writes.push(
            self.data
                .guarded(key(&from.reference), &row, &stands(from))?,
        );
        let written = self.data.transact(writes).await?;
        Ok((written == Written::Done).then_some(next))
    }
}

impl From<Written> for Recorded {
    fn from(written: Written) -> Self {
        match written {
            Written::Done => Self::Done,
            Written::Refused => Self::Stale,
        }
    }
}
