//! What a lane sends next: a pure decision over what was read of the logs.

use super::BatchEnd;
use crate::{dialect::BatchLimits, id::AccountId, place::Place, store::LogEntry};
use std::collections::BTreeMap;

/// What was read of the log of an account, after the cursor.
#[derive(Clone, Debug)]
pub struct AccountLog {
    /// The account.
    pub account: AccountId,
    /// Where the reading began.
    pub cursor: Place,
    /// The last place that was told before: behind the cursor, where the lane was sent back.
    pub told: Place,
    /// What follows, in the log's order.
    pub entries: Vec<LogEntry>,
    /// Where nothing more follows: the last place that was known to concern the lane.
    pub read_all: Option<Place>,
}

impl AccountLog {
    /// The last place that was read.
    #[must_use]
    pub fn read_to(&self) -> Place {
        self.entries.last().map_or(self.cursor, |entry| entry.place)
    }
}

/// The events of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The events, the oldest first.
    pub entries: Vec<LogEntry>,
    /// How far the logs are read once it was accepted.
    pub ends: Vec<BatchEnd>,
}

/// Batches of what was read, in order.
#[derive(Debug)]
pub struct Plan {
    /// What is left, the oldest last.
    left: Vec<LogEntry>,
    /// How far each log was told before.
    told: BTreeMap<AccountId, Place>,
    /// Up to where something may have been sent before, and refused.
    sent_to: Option<Place>,
    limits: BatchLimits,
}

impl Plan {
    /// Plans what is heard of some logs.
    #[must_use]
    pub fn new(
        logs: &[AccountLog],
        limits: BatchLimits,
        is_heard: impl Fn(&LogEntry) -> bool,
    ) -> Self {
        let entries = logs.iter().flat_map(|log| &log.entries);
        let mut left: Vec<_> = entries.filter(|entry| is_heard(entry)).cloned().collect();
        // Across accounts by place, too; within one that is the log's order.
        let order = |entry: &LogEntry| (entry.place, entry.event.tenant.account);
        left.sort_by_key(|entry| std::cmp::Reverse(order(entry)));
        let told = logs.iter().map(|log| (log.account, log.told)).collect();
        Self {
            left,
            told,
            sent_to: None,
            limits,
        }
    }

    /// The same, where a lane was sent back that had sent something up to a place.
    #[must_use]
    pub fn sent_to(mut self, place: Option<Place>) -> Self {
        self.sent_to = place;
        self
    }

    /// The next batch: as many as the limits allow, at least one; `None` at the end. The receiver
    /// knows it by its first event: where that was told before, or may have been, nothing new comes
    /// with it, which would be dropped as a repeat.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let first = self.left.pop()?;
        let (is_again, was_sent) = (self.is_told(&first), self.may_be_sent(&first));
        let mut bytes = first.bytes;
        let mut entries = vec![first];
        while entries.len() < self.limits.events
            && let Some(next) = self.left.last()
            && (!is_again || self.is_told(next))
            && (!was_sent || self.may_be_sent(next))
            && bytes.saturating_add(next.bytes) <= self.limits.bytes
        {
            bytes += next.bytes;
            entries.extend(self.left.pop());
        }
        Some(Batch::of(entries))
    }

    fn is_told(&self, entry: &LogEntry) -> bool {
        let told = self.told.get(&entry.event.tenant.account);
        told.is_some_and(|told| entry.place <= *told)
    }

    fn may_be_sent(&self, entry: &LogEntry) -> bool {
        self.sent_to.is_some_and(|to| entry.place <= to)
    }

    /// Everything in one batch, whatever the limits: that which was refused before.
    #[must_use]
    pub fn whole(mut self) -> Option<Batch> {
        self.left.reverse();
        (!self.left.is_empty()).then(|| Batch::of(self.left))
    }
}

impl Batch {
    fn of(entries: Vec<LogEntry>) -> Self {
        let ends: BTreeMap<_, _> = entries
            .iter()
            .map(|entry| (entry.event.tenant.account, entry.place))
            .collect();
        let ends = ends.into_iter();
        Self {
            entries,
            ends: ends.map(|(account, to)| BatchEnd { account, to }).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
