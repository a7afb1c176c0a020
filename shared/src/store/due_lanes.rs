//! The lanes in the sparse index: those that wait, and those whose worker may have stopped.

use super::{
    Store, StoreError,
    due::{DuePosition, GRACE},
    guard::{Guard, Written},
    lane_rows::{LaneRow, key, shard_name},
    query::IndexQuery,
    schema::DUE_INDEX,
    update::Update,
};
use crate::{error_chain::error_chain, lane::LaneRef};
use jiff::Timestamp;

/// A lane that the timer shall wake.
#[derive(Clone, Debug)]
pub struct DueLane {
    /// Which one.
    pub lane: LaneRef,
    /// When it may send again.
    pub due: Timestamp,
    look_at: i64,
}

/// A page of them.
#[derive(Debug)]
pub struct LanePage {
    /// The lanes, the earliest first.
    pub due: Vec<DueLane>,
    /// Where to go on, if there may be more.
    pub next: Option<DuePosition>,
}

impl Store {
    /// The lanes of an index partition that the timer shall wake by an instant, the earliest first.
    ///
    /// * `start`: where an earlier page ended; `None` for the first page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn due_lanes(
        &self,
        shard: u8,
        by: Timestamp,
        start: Option<DuePosition>,
        limit: usize,
    ) -> Result<LanePage, StoreError> {
        let query = IndexQuery {
            partition: shard_name(shard),
            at_most: by.as_millisecond(),
            start: start.map(|DuePosition(start)| start),
            limit,
        };
        let page = self.data.query_index::<LaneRow>(&DUE_INDEX, query).await?;
        let mut due = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let look_at = row.as_ref().map_or(0, |row| row.due_at.unwrap_or(0));
            match row.and_then(LaneRow::into_lane) {
                Ok(lane) => due.push(DueLane {
                    lane: lane.reference,
                    due: lane.leased_until.max(lane.due).unwrap_or(by),
                    look_at,
                }),
                Err(error) => tracing::error!(
                    error = error_chain(&error),
                    "a lane cannot be read and is passed over"
                ),
            }
        }
        Ok(LanePage {
            due,
            next: page.next.map(DuePosition),
        })
    }

    /// Notes that the queue has a wake-up for a lane, so that the timer looks again only after the
    /// grace. Changes nothing where the lane moved on meanwhile.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn postpone_lane(&self, woken: &DueLane, now: Timestamp) -> Result<(), StoreError> {
        let later = (woken.due.max(now) + GRACE).as_millisecond();
        let update = Update::default().number("due_at", later);
        let guard = Guard::Equals("due_at", woken.look_at);
        match self
            .data
            .update_if(key(&woken.lane), &update, &guard)
            .await?
        {
            Written::Done | Written::Refused => Ok(()),
        }
    }
}
