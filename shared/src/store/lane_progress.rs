//! How far a lane has come: which batch is sent, what was accepted and what failed. Only who holds
//! the lease writes it, under its fence.

use super::{
    Store, StoreError,
    delivery_rows::attempt_key,
    guard::{Guard, Recorded, Written},
    lane_rows::{key, text},
    update::Update,
};
use crate::{
    attempt::Attempt,
    delivery::DeliveryRef,
    lane::{BatchEnd, Keeping, Lane},
};

impl Store {
    /// Moves the cursors past a batch that was accepted. [`Recorded::Stale`] where the lease is
    /// somebody else's by now: nothing is moved.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn pass(&self, lane: &Lane, ends: &[BatchEnd]) -> Result<Recorded, StoreError> {
        let accepted = Update::default()
            .number("failures", 0)
            .number("due", 0)
            .number("turn", 0)
            .remove("batch")
            .remove("last_failure");
        let guard = Guard::Equals("fence", lane.fence);
        let lane_key = key(&lane.reference);
        let mut writes = vec![self.data.guarded_update(lane_key, &accepted, &guard)?];
        for end in ends {
            writes.push(self.cursor_move(&lane.reference, *end)?);
        }
        self.data.transact(writes).await.map(Recorded::from)
    }

    /// Notes the batch that is sent next: the same one is sent until it is acknowledged, whoever
    /// stops in between.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn note_batch(
        &self,
        lane: &Lane,
        batch: &[BatchEnd],
    ) -> Result<Recorded, StoreError> {
        let next = Update::default().text("batch", text(&batch)?);
        let guard = Guard::Equals("fence", lane.fence);
        let noted = self.data.update_if(key(&lane.reference), &next, &guard);
        noted.await.map(Recorded::from)
    }

    /// Notes an attempt at a batch that failed: the same batch is next. Its attempts stand with the
    /// delivery of its first event.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn note_failure(
        &self,
        lane: &Lane,
        (attempt, first): (&Attempt, &DeliveryRef),
        batch: &[BatchEnd],
    ) -> Result<Recorded, StoreError> {
        let row = (
            attempt_key(first, attempt.number),
            self.attempt_row(attempt),
        );
        self.data.batch_put(vec![row]).await?;
        let refused = Update::default()
            .number("failures", i64::from(lane.failures) + 1)
            .text("batch", text(&batch)?)
            .text("last_failure", text(attempt)?);
        let guard = Guard::Equals("fence", lane.fence);
        let noted = self.data.update_if(key(&lane.reference), &refused, &guard);
        noted.await.map(Recorded::from)
    }

    /// Notes how far the keeping of what is not read yet has come.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn note_keeping(&self, lane: &Lane, keeping: &Keeping) -> Result<(), StoreError> {
        let noted = Update::default().text("keeping", text(keeping)?);
        let guard = Guard::Equals("fence", lane.fence);
        match self
            .data
            .update_if(key(&lane.reference), &noted, &guard)
            .await?
        {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}
