//! Nothing expires before it was read: while a lane is behind, what it has not read is kept longer,
//! a part at a time, once for each quarter of the retention.

use super::{Error, Next, Work};
use futures::{TryStreamExt, stream};
use herald::{
    id::AccountId,
    lane::Keeping,
    place::Place,
    store::{Backlog, LogEntry},
};
use jiff::{SignedDuration, Timestamp};

/// Entries that are read at a time.
const PAGE: usize = 200;

/// Pages that are read at least, each time that a lane is looked at, however late it is.
const PAGES: usize = 10;

/// How much of a round is done at a time, beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Nothing: the lane is to tell something.
    AFewPages,
    /// As much as there is time for.
    WhileThereIsTime,
}

/// Entries that are kept longer at once.
const CONCURRENCY: usize = 16;

impl Work<'_> {
    /// What is next for a lane whose policy is not active, or whose recipient is suspended.
    pub(super) async fn wait_for_audience(&mut self) -> Result<Next, Error> {
        let sender = &self.webhook.sender;
        let behind = sender.store.backlog(&self.lane.reference, None, 1).await?;
        if behind.is_empty() {
            return Ok(Next::Rest);
        }
        self.keep_unread(Effort::WhileThereIsTime).await?;
        let now = self.webhook.sender.clock.now();
        Ok(Next::Look(self.lane.keeping.next_look(now)))
    }

    /// Goes on with keeping what is not read yet, where it is time for that.
    pub(super) async fn keep_unread(&mut self, effort: Effort) -> Result<(), Error> {
        let store = &self.webhook.sender.store;
        let now = self.webhook.sender.clock.now();
        if !self.lane.keeping.is_due(now, store.retention()) {
            return Ok(());
        }
        let mut keeping = self.lane.keeping;
        if keeping.at.is_none() {
            keeping = Keeping::beginning(now, store.retention());
        }
        let mut pages = 0;
        while pages < PAGES || effort == Effort::WhileThereIsTime && !self.is_late() {
            let Some((log, after)) = self.next_unread(&keeping).await? else {
                keeping.at = None;
                break;
            };
            pages += 1;
            let tenant = self.lane.reference.tenant(log.account);
            let page = store.read_log(tenant, after, None, PAGE).await?;
            self.keep_longer(&page.entries, now).await?;
            let last = page.entries.last().map_or(after, |entry| entry.place);
            // At its end the next account follows.
            let at = if page.is_end { Place::LAST } else { last };
            keeping.at = Some((log.account, at));
        }
        store.note_keeping(&self.lane, &keeping).await?;
        self.lane.keeping = keeping;
        Ok(())
    }

    /// The log to go on with, and after which place; `None` where the round is over.
    async fn next_unread(&self, keeping: &Keeping) -> Result<Option<(Backlog, Place)>, Error> {
        let store = &self.webhook.sender.store;
        let lane = &self.lane.reference;
        let (present, after): (Option<AccountId>, Option<AccountId>) = match keeping.at {
            Some((account, Place::LAST)) => (None, Some(account)),
            Some((account, _)) => (Some(account), None),
            None => (None, None),
        };
        if let (Some(account), Some((_, place))) = (present, keeping.at) {
            let latest = Place::LAST;
            return Ok(Some((Backlog { account, latest }, place)));
        }
        let Some(log) = store.backlog(lane, after, 1).await?.pop() else {
            return Ok(None);
        };
        let cursors = store.cursors(lane, [log.account]).await?;
        let cursor = cursors.get(&log.account).map(|cursor| cursor.place);
        Ok(Some((log, cursor.unwrap_or(Place::FIRST))))
    }

    async fn keep_longer(&self, entries: &[LogEntry], now: Timestamp) -> Result<(), Error> {
        let (store, lane) = (&self.webhook.sender.store, &self.lane.reference);
        let half = SignedDuration::from_secs(store.retention().as_secs() / 2);
        let soon = (now + half).as_second();
        // What was not fanned out yet does not end.
        let is_ending = |entry: &&LogEntry| entry.expires.is_some_and(|at| at < soon);
        let ending = entries.iter().filter(is_ending);
        stream::iter(ending.map(Ok))
            .try_for_each_concurrent(CONCURRENCY, async |entry| {
                Ok(store.keep_longer(lane, entry, now).await?)
            })
            .await
    }
}
