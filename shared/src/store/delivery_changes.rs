//! What becomes of deliveries. A first attempt that succeeds costs one dominating write; every other
//! change is guarded by the status and the number of attempts that it was made on. The attempt that a
//! delivery arrived by is written where it makes room for what follows, and written again where the
//! dominating write is repeated meanwhile: it is the same each time.

use super::{
    Store, StoreError,
    delivery_rows::{WAITING, arrival_key, attempt_key, bounce_key, key},
    guard::{Guard, Recorded, Written},
};
use crate::{
    attempt::Attempt,
    delivery::{Delivery, Status},
};
use jiff::Timestamp;

/// The guard that a delivery stands as it was read.
fn stands(delivery: &Delivery) -> Guard {
    let attempts = ("attempts", i64::from(delivery.attempts));
    Guard::Both(attempts, ("status", delivery.status.name()))
}

impl Store {
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
        let rows = keys.into_iter().zip([by, bounced]);
        let rows = rows.map(|(key, made)| self.data.put(key, &self.attempt_row(made)));
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
            .guarded(key(&delivery.reference), &row, &Guard::Absent)?;
        self.data.once(put).await.map(Recorded::from)
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
            writes.push(self.data.put(key, &self.attempt_row(by))?);
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
