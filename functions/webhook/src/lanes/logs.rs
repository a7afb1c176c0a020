//! Reading the logs that a lane is behind in.

use super::{Error, Next, Work};
use futures::future::try_join_all;
use herald::{
    lane::{AccountLog, BatchEnd},
    place::Place,
    policy::Policy,
    store::{Backlog, Cursor, Parking},
};

/// Logs that are read at a time. A batch may end in each, and its cursors are moved in one
/// transaction, which takes a hundred writes.
const ACCOUNTS: usize = 50;

/// Entries of a log that are read at a time.
const ENTRIES: usize = 200;

impl Work<'_> {
    /// The next logs with a backlog; empty where none has one.
    pub(super) async fn next_logs(&mut self, policy: &Policy) -> Result<Vec<AccountLog>, Error> {
        let store = &self.webhook.sender.store;
        let reference = &self.lane.reference;
        let mut behind = store.backlog(reference, self.lane.next, ACCOUNTS).await?;
        if behind.is_empty() && self.lane.next.take().is_some() {
            behind = store.backlog(reference, None, ACCOUNTS).await?;
        }
        self.lane.next = behind
            .last()
            .map(|log| log.account)
            .filter(|_| behind.len() == ACCOUNTS);
        let logs = self.read(policy, &behind, |_| None).await?;
        Ok(logs)
    }

    /// The logs as far as a batch goes.
    pub(super) async fn logs_of(
        &self,
        policy: &Policy,
        batch: &[BatchEnd],
    ) -> Result<Vec<AccountLog>, Error> {
        let behind: Vec<_> = batch
            .iter()
            .map(|end| Backlog {
                account: end.account,
                latest: end.to,
            })
            .collect();
        self.read(policy, &behind, |log| Some(log.latest)).await
    }

    async fn read(
        &self,
        policy: &Policy,
        behind: &[Backlog],
        to: impl Fn(&Backlog) -> Option<Place>,
    ) -> Result<Vec<AccountLog>, Error> {
        let store = &self.webhook.sender.store;
        let reference = &self.lane.reference;
        let accounts = behind.iter().map(|log| log.account);
        let cursors = store.cursors(reference, accounts).await?;
        let start = policy.delivery_mode.start_of(&reference.recipient);
        let start = start.unwrap_or(Place::FIRST);
        let reading = behind.iter().map(async |log| {
            let cursor = cursors.get(&log.account).copied();
            let Cursor { place, told } = cursor.unwrap_or(Cursor::at(start));
            let tenant = reference.tenant(log.account);
            let page = store.read_log(tenant, place, to(log), ENTRIES).await?;
            Ok::<_, Error>(AccountLog {
                account: log.account,
                cursor: place,
                told,
                entries: page.entries,
                // Where the log lacks its latest entry, that is erased with its account.
                read_all: page.is_end.then_some(log.latest),
            })
        });
        try_join_all(reading).await
    }

    /// When all that is heard of some logs was accepted: passes what follows in them, and forgets
    /// those that hold no more.
    pub(super) async fn finish(&mut self, logs: &[AccountLog]) -> Result<Option<Next>, Error> {
        let is_passed = |log: &&AccountLog| {
            let passed = self.passed.get(&log.account).unwrap_or(&log.cursor);
            *passed >= log.read_to()
        };
        let ends: Vec<_> = logs
            .iter()
            .filter(|log| !is_passed(log))
            .map(|log| BatchEnd {
                account: log.account,
                to: log.read_to(),
            })
            .collect();
        if !ends.is_empty()
            && let Some(next) = self.pass(&ends).await?
        {
            return Ok(Some(next));
        }
        for log in logs {
            if let Some(latest) = log.read_all {
                let read_to = log.read_to().max(latest);
                let store = &self.webhook.sender.store;
                store
                    .clear_backlog(&self.lane.reference, log.account, read_to)
                    .await?;
            }
        }
        Ok(self.is_late().then_some(Next::Park(Parking::AtOnce)))
    }
}
