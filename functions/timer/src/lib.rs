//! Every minute: gives the queue a wake-up for each delivery and each lane that waits longer than a
//! queue can hold a message, and for each whose wake-up was lost; and has those policies probed whose
//! turn it is.

mod lanes;
mod on_aws;

use futures::{
    StreamExt, TryStreamExt,
    future::{join_all, join3},
    stream,
};
use herald::{
    clock::Clock,
    message::{Deliver, Probe, Version1},
    queue::{Queue, QueueError, QueueName},
    recipient::Channel,
    store::{DUE_SHARDS, DueDelivery, PROBE_SHARDS, Store, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How far ahead a run looks, so that what is due before the next run is sent in time, with a
/// delay to its second.
const LOOK_AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// How far ahead it looks for probes: the run that is nearest to one asks for it.
const PROBES_AHEAD: SignedDuration = SignedDuration::from_secs(30);

/// Deliveries that are read at a time.
const PAGE: usize = 200;

/// Updates under way at once.
const CONCURRENCY: usize = 16;

/// The timer.
#[derive(Clone, Debug)]
pub struct Timer {
    /// The index of what waits.
    pub store: Store,
    /// Where the wake-ups go.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A run stopped before its end; the next one takes up the rest.
#[derive(Debug, thiserror::Error)]
pub enum TimerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Timer {
    /// Wakes what is due, and returns how many deliveries and lanes that were.
    ///
    /// # Errors
    /// Where the store or the queue does not answer. Nothing is lost: what was not woken stays
    /// in the index.
    pub async fn run(&self) -> Result<usize, TimerError> {
        let now = self.clock.now();
        // What one shard cannot do keeps no other from its turn.
        let deliveries = join_all((0..DUE_SHARDS).map(|shard| self.wake_shard(shard, now)));
        let lanes = join_all((0..DUE_SHARDS).map(|shard| self.wake_lanes(shard, now)));
        let probes = join_all((0..PROBE_SHARDS).map(|shard| self.probe_shard(shard, now)));
        let (deliveries, lanes, probes) = join3(deliveries, lanes, probes).await;
        let mut woken = 0;
        for shard in deliveries.into_iter().chain(lanes) {
            woken += shard?;
        }
        for shard in probes {
            shard?;
        }
        tracing::info!(woken, "the timer ran");
        Ok(woken)
    }

    /// Asks for the probes that are due. As with deliveries, a crash in between asks twice.
    async fn probe_shard(&self, shard: u8, now: Timestamp) -> Result<(), TimerError> {
        let due = self.store.due_probes(shard, now + PROBES_AHEAD).await?;
        let messages: Vec<_> = due
            .iter()
            .map(|due| Probe {
                v: Version1,
                owner: due.owner,
                policy: due.policy,
            })
            .map(Probe::outgoing)
            .collect();
        if messages.is_empty() {
            return Ok(());
        }
        self.queue.send(QueueName::Webhook, messages).await?;
        stream::iter(&due)
            .map(Ok)
            .try_for_each_concurrent(CONCURRENCY, async |due| {
                Ok(self.store.postpone_probe(due, now).await?)
            })
            .await
    }

    async fn wake_shard(&self, shard: u8, now: Timestamp) -> Result<usize, TimerError> {
        let (mut position, mut woken) = (None, 0);
        loop {
            let by = now + LOOK_AHEAD;
            let page = self.store.due_deliveries(shard, by, position, PAGE).await?;
            self.wake(&page.due, now).await?;
            woken += page.due.len();
            position = page.next;
            if position.is_none() {
                return Ok(woken);
            }
        }
    }

    /// Enqueues first and only then postpones: a crash in between wakes twice, never not at all.
    async fn wake(&self, due: &[DueDelivery], now: Timestamp) -> Result<(), TimerError> {
        for channel in Channel::ALL {
            let queue = channel.queue();
            let messages: Vec<_> = due
                .iter()
                .filter(|due| due.delivery.queue() == queue)
                .map(|due| Deliver::next(&due.delivery, due.due, now))
                .collect();
            if !messages.is_empty() {
                self.queue.send(queue, messages).await?;
            }
        }
        stream::iter(due)
            .map(Ok)
            .try_for_each_concurrent(CONCURRENCY, async |due| {
                Ok(self.store.postpone(due, now).await?)
            })
            .await
    }
}
