//! How far a lane has read the logs of accounts, and which of them hold more.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    lane_rows::{self, LaneRow},
    query::Query,
    update::Update,
};
use crate::{
    id::{AccountId, PolicyId},
    lane::{BatchEnd, LaneRef},
    place::Place,
    tenant::Tenant,
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Rows that are removed at a time.
const PAGE: usize = 200;

/// A log that holds more than its cursor has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Whose log.
    pub account: AccountId,
    /// The last place that is known to concern the lane.
    pub latest: Place,
}

/// How far a lane has read a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last place that is passed.
    pub place: Place,
    /// The last place that ever was: what stands up to there is told again.
    pub told: Place,
}

impl Cursor {
    /// Where nothing is told again.
    #[must_use]
    pub const fn at(place: Place) -> Self {
        Self { place, told: place }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct CursorRow {
    pub(super) place: Place,
    /// The last place that was passed when the lane was sent back; `None` where it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<Place>,
}

#[derive(Serialize, Deserialize)]
struct BacklogRow {
    latest: Place,
}

pub(super) fn partition(lane: &LaneRef) -> String {
    format!("{}#CURSOR#{}#{}", lane.owner, lane.policy, lane.recipient)
}

fn backlog_partition(lane: &LaneRef) -> String {
    format!("{}#BACKLOG#{}#{}", lane.owner, lane.policy, lane.recipient)
}

pub(super) fn key(lane: &LaneRef, account: AccountId) -> Key {
    row_key(partition(lane), account)
}

fn row_key(pk: String, account: AccountId) -> Key {
    let sk = account.to_string();
    Key { pk, sk }
}

impl Store {
    /// The cursors of a lane in some logs, where it has read there before.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn cursors(
        &self,
        lane: &LaneRef,
        accounts: impl IntoIterator<Item = AccountId>,
    ) -> Result<HashMap<AccountId, Cursor>, StoreError> {
        let keys = accounts.into_iter().map(|account| key(lane, account));
        let items = self.data.batch_get(keys.collect()).await?;
        let cursors = items.into_iter().map(|(key, item)| {
            let account = key.sk.parse().map_err(StoreError::corrupt)?;
            let row: CursorRow = super::table::read(item)?;
            let (place, told) = (row.place, row.told());
            Ok((account, Cursor { place, told }))
        });
        cursors.collect()
    }

    /// Moves a cursor, never back.
    pub(super) fn cursor_move(
        &self,
        lane: &LaneRef,
        BatchEnd { account, to }: BatchEnd,
    ) -> Result<TransactWriteItem, StoreError> {
        let to = to.as_microsecond();
        let guard = Guard::AbsentOrAtMost("place", to);
        // How far it was before it was sent back stays.
        let moved = Update::of_row().number("place", to);
        self.data.guarded_update(key(lane, account), &moved, &guard)
    }

    /// Notes that an account's log holds something for a lane.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn note_backlog(
        &self,
        lane: &LaneRef,
        account: AccountId,
        latest: Place,
    ) -> Result<(), StoreError> {
        let guard = Guard::AbsentOrAtMost("latest", latest.as_microsecond());
        let row = BacklogRow { latest };
        let backlog = row_key(backlog_partition(lane), account);
        match self.data.put_if(backlog, &row, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// The logs that hold more for a lane, in the order of the accounts' ids.
    ///
    /// * `after`: the account to go on after.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn backlog(
        &self,
        lane: &LaneRef,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Vec<Backlog>, StoreError> {
        let query = Query {
            after: after.map(|account| account.to_string()),
            ..Query::all(backlog_partition(lane), limit)
        };
        let page = self.data.query::<BacklogRow>(query).await?;
        let logs = page.rows.into_iter().map(|(sk, row)| {
            Ok(Backlog {
                account: sk.parse().map_err(StoreError::corrupt)?,
                latest: row.latest,
            })
        });
        logs.collect()
    }

    /// Forgets that a log holds more, unless something came behind what was read.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn clear_backlog(
        &self,
        lane: &LaneRef,
        account: AccountId,
        read_to: Place,
    ) -> Result<(), StoreError> {
        let guard = Guard::AtMost("latest", read_to.as_microsecond());
        let backlog = row_key(backlog_partition(lane), account);
        match self.data.delete_if(backlog, &guard).await? {
            Written::Done | Written::Refused => Ok(()),
        }
    }

    /// The lanes of a policy's recipients that were ever woken.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn lanes_of(
        &self,
        (owner, policy): (Tenant, PolicyId),
    ) -> Result<Vec<LaneRef>, StoreError> {
        let (mut lanes, mut query) = (Vec::new(), lane_rows::of_policy(owner, policy, PAGE));
        loop {
            let page = self.data.query::<LaneRow>(query.clone()).await?;
            let rows = page.rows.into_iter();
            lanes.extend(rows.map(|(_, row)| row.reference));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(lanes),
            }
        }
    }

    /// Removes a lane whose recipient is gone, with its cursors and its backlog; the lane last, so
    /// that a repetition finds what is left.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn remove_lane(&self, lane: &LaneRef) -> Result<(), StoreError> {
        for pk in [backlog_partition(lane), partition(lane)] {
            loop {
                let query = Query::all(pk.clone(), PAGE);
                let page = self.data.query::<serde::de::IgnoredAny>(query).await?;
                let keys = page
                    .rows
                    .into_iter()
                    .map(|(sk, _)| Key { pk: pk.clone(), sk });
                self.data.batch_delete(keys.collect()).await?;
                if page.next.is_none() {
                    break;
                }
            }
        }
        self.data.batch_delete(vec![lane_rows::key(lane)]).await
    }
}
