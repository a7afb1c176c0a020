//! The log of an account: its events in the order in which they were accepted, for the policies
//! that are told in order. Event, entry and the log's head are written in one transaction, over the
//! head that was read, so that the log has no gaps and nothing appears behind what was read.

use super::{
    Store, StoreError, events,
    guard::{Guard, Key},
    query::Query,
    update::Update,
};
use crate::{
    dialect::Dialect,
    event::{Event, EventId, EventRef},
    event_type::EventType,
    id::AccountId,
    lane::LaneRef,
    place::Place,
    policy::HintKey,
    tenant::Tenant,
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event in the log of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place.
    pub place: Place,
    /// Where it is found.
    pub event: EventRef,
    /// Its type.
    pub event_type: EventType,
    /// The dialects that knew its type when it was accepted.
    pub dialects: Vec<Dialect>,
    /// The size of its `data`, in bytes.
    pub bytes: usize,
    /// When it may go, in seconds since 1970, unless somebody has not read it by then; `None` until
    /// its event was fanned out.
    pub expires: Option<i64>,
}

/// Entries of a log, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogEntry>,
    /// Whether the log ends with them.
    pub is_end: bool,
}

/// Hints that are read at a time.
const PAGE: usize = 100;

#[derive(Serialize, Deserialize)]
pub(super) struct EntryRow {
    id: EventId,
    #[serde(with = "crate::millis")]
    accepted_at: Timestamp,
    #[serde(rename = "type")]
    event_type: EventType,
    dialects: Vec<Dialect>,
    bytes: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct HeadRow {
    last: Place,
}

impl EntryRow {
    pub(super) fn new(event: &Event, dialects: &[Dialect]) -> Self {
        let data = event.report.data.as_ref();
        Self {
            id: event.reference.id.clone(),
            accepted_at: event.reference.accepted_at,
            event_type: event.report.event_type.clone(),
            dialects: dialects.to_vec(),
            bytes: data.map_or(0, |data| data.as_str().len()),
            expires: None,
        }
    }

    fn into_entry(self, tenant: Tenant, sk: &str) -> Result<LogEntry, StoreError> {
        Ok(LogEntry {
            place: Place::from_sort_key(sk)
                .ok_or_else(|| StoreError::corrupt("a log entry without a place"))?,
            event: EventRef {
                tenant,
                id: self.id,
                accepted_at: self.accepted_at,
            },
            event_type: self.event_type,
            dialects: self.dialects,
            bytes: self.bytes,
            expires: self.expires,
        })
    }
}

fn partition(tenant: Tenant) -> String {
    format!("{tenant}#LOG")
}

fn entry_key(tenant: Tenant, place: Place) -> Key {
    Key {
        pk: partition(tenant),
        sk: place.sort_key(),
    }
}

fn head_key(tenant: Tenant) -> Key {
    Key {
        pk: format!("{tenant}#LOG-HEAD"),
        sk: "LOG".to_owned(),
    }
}

impl Store {
    /// Whether an ordered policy hears of an account, so that its events are accepted into its log:
    /// the place after which the latest of those policies began to read it, whatever the clock says
    /// of who accepts the event.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn log_start(
        &self,
        tenant: Tenant,
        ancestors: &[AccountId],
    ) -> Result<Option<Place>, StoreError> {
        let keys = HintKey::of_log(tenant, ancestors);
        let asked = keys.iter().map(|key| self.latest_start(key));
        let starts = try_join_all(asked).await?;
        Ok(starts.into_iter().flatten().max())
    }

    async fn latest_start(&self, key: &HintKey) -> Result<Option<Place>, StoreError> {
        let (mut latest, mut after) = (None, None);
        loop {
            let page = self.hints(key, after, PAGE).await?;
            latest = latest.max(page.latest_start);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(latest),
            }
        }
    }

    /// Entries of an account's log.
    ///
    /// * `after`, `to`: the places between which they stand, the last one included.
    /// * `limit`: how many are read at most.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn read_log(
        &self,
        tenant: Tenant,
        after: Place,
        to: Option<Place>,
        limit: usize,
    ) -> Result<LogPage, StoreError> {
        let to = to.unwrap_or(Place::LAST);
        if to <= after {
            let is_end = true;
            let entries = Vec::new();
            return Ok(LogPage { entries, is_end });
        }
        let query = Query {
            between: Some((after.following().sort_key(), to.sort_key())),
            ..Query::all(partition(tenant), limit)
        };
        let page = self.data.query::<EntryRow>(query).await?;
        let rows = page.rows.into_iter();
        let entries = rows.map(|(sk, row)| row.into_entry(tenant, &sk));
        Ok(LogPage {
            entries: entries.collect::<Result<_, _>>()?,
            is_end: page.next.is_none(),
        })
    }

    /// Keeps an entry and its event for as long again as what has ended is kept: a lane has not read
    /// them yet. What leads to its delivery is kept for twice that, as at first.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn keep_longer(
        &self,
        lane: &LaneRef,
        entry: &LogEntry,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unread = lane.delivery_of(entry.event.clone());
        self.keep_way_to(&unread, now + self.retention).await?;
        let until = self.expiry(now);
        let update = Update::default().number("expires", until);
        // What is kept for longer stays so: something of it may be withheld. And what is gone stays
        // gone: its account may be erased.
        let guard = Guard::AtMost("expires", until);
        let keys = [
            events::key(entry.event.tenant, &entry.event.id),
            entry_key(entry.event.tenant, entry.place),
        ];
        for key in keys {
            let _ = self.data.update_if(key, &update, &guard).await?;
        }
        Ok(())
    }

    /// The last place of a log, if it has one.
    pub(super) async fn log_head(&self, tenant: Tenant) -> Result<Option<Place>, StoreError> {
        let head: Option<HeadRow> = self.data.get(head_key(tenant)).await?;
        Ok(head.map(|head| head.last))
    }

    /// Notes that who reads a log was told of an entry: its retention starts, as its event's does.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn mark_entry_fanned_out(
        &self,
        tenant: Tenant,
        place: Place,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::default().number("expires", self.expiry(now));
        let guard = Guard::Lacks("expires");
        let _ = self
            .data
            .update_if(entry_key(tenant, place), &update, &guard)
            .await?;
        Ok(())
    }

    /// Writes an entry at a place, if the log still ends where it did.
    pub(super) fn log_append(
        &self,
        tenant: Tenant,
        (last, place): (Option<Place>, Place),
        entry: &EntryRow,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let guard = match last {
            None => Guard::Absent,
            Some(last) => Guard::Equals("last", last.as_microsecond()),
        };
        let head = HeadRow { last: place };
        Ok(vec![
            self.data.guarded(head_key(tenant), &head, &guard)?,
            self.data
                .guarded(entry_key(tenant, place), entry, &Guard::Absent)?,
        ])
    }
}
