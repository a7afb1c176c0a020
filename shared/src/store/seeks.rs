//! Sending an ordered recipient back in the logs. Whoever asks leaves a mark in its lane; who holds
//! the lease moves the cursors, since nobody else may.

use super::{
    Store, StoreError,
    cursors::{self, CursorRow},
    delivery_rows::arrival_key,
    guard::{Guard, Recorded, Written},
    lane_rows,
    query::Query,
    update::Update,
};
use crate::{
    delivery::{Delivery, Status},
    delivery_id::DeliveryId,
    id::AccountId,
    lane::{Lane, LaneRef},
    place::Place,
};
use jiff::Timestamp;
use std::collections::HashMap;

/// Cursors that are moved in one transaction.
const PAGE: usize = 50;

impl CursorRow {
    /// Where it stands once its lane was sent to a place: never behind what was told.
    fn sought(&self, to: Place) -> Self {
        let told = self.told();
        Self {
            place: to.min(told),
            told: Some(told),
        }
    }

    /// The last place that was ever passed.
    pub(super) fn told(&self) -> Place {
        self.told.map_or(self.place, |told| told.max(self.place))
    }
}

impl Store {
    /// Has a lane go to a place in every log, the next time that somebody works on it: back, or
    /// forward again as far as it was before. Returns whether there is something to go back in: one
    /// that was never woken has not been told anything.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn ask_to_seek(&self, lane: &LaneRef, to: Place) -> Result<bool, StoreError> {
        let mark = Update::default().number("seek", to.as_microsecond());
        let key = lane_rows::key(lane);
        let marked = self.data.update_if(key, &mark, &Guard::Present).await?;
        Ok(marked == Written::Done)
    }

    /// Moves the cursors of a lane as it was asked to, and forgets the batch that was to be sent.
    /// [`Recorded::Stale`] where the lease is somebody else's by now, or it was asked for another
    /// place: some cursors may be moved then.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn seek(&self, lane: &Lane, to: Place) -> Result<Recorded, StoreError> {
        let fence = ("fence", lane.fence);
        let lane_key = lane_rows::key(&lane.reference);
        let told_to = lane.told_to.unwrap_or(Place::at(Timestamp::UNIX_EPOCH));
        let refused = lane.batch.iter().map(|end| end.to);
        let mut told_to = refused.fold(told_to, Place::max);
        let mut query = Query::all(cursors::partition(&lane.reference), PAGE);
        loop {
            let page = self.data.query::<CursorRow>(query.clone()).await?;
            let mut moved = Vec::with_capacity(page.rows.len());
            for (sk, row) in page.rows {
                let account: AccountId = sk.parse().map_err(StoreError::corrupt)?;
                let told = row.told();
                told_to = told_to.max(told);
                let row = row.sought(to);
                if row.place < told {
                    // Before the cursor: what is noted in vain is forgotten by the next reading.
                    self.note_backlog(&lane.reference, account, told).await?;
                }
                moved.push((cursors::key(&lane.reference, account), row));
            }
            let forgotten = Update::default()
                .number("failures", 0)
                .number("due", 0)
                .number("turn", 0)
                .number("told_to", told_to.as_microsecond())
                .remove("batch")
                .remove("last_failure")
                // What it goes back to was kept for nobody.
                .remove("keeping")
                .remove("next");
            let guard = Guard::Equals(fence.0, fence.1);
            let lane_key = lane_key.clone();
            let mut writes = vec![self.data.guarded_update(lane_key, &forgotten, &guard)?];
            for (key, row) in moved {
                writes.push(self.data.guarded(key, &row, &Guard::Present)?);
            }
            if self.data.transact(writes).await? == Written::Refused {
                return Ok(Recorded::Stale);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let done = Update::default().number("seek", 0);
        let guard = Guard::Numbers(fence, ("seek", to.as_microsecond()));
        let done = self.data.update_if(lane_key, &done, &guard).await?;
        Ok(done.into())
    }

    /// Records deliveries that have arrived again. The attempts that brought them before stay on
    /// record.
    ///
    /// * `before`: those that had a record.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn record_told_again(
        &self,
        arrived: &[Delivery],
        before: &HashMap<DeliveryId, Delivery>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let earlier = before
            .values()
            .filter_map(|delivery| match &delivery.status {
                Status::Delivered { by } => {
                    Some((arrival_key(&delivery.reference, by), self.attempt_row(by)))
                }
                _ => None,
            });
        self.data.batch_put(earlier.collect()).await?;
        self.record_delivered(arrived, now).await
    }
}
