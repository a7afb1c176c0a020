//! Lanes that wait, and those whose worker may have stopped.

use crate::{CONCURRENCY, LOOK_AHEAD, PAGE, Timer, TimerError};
use futures::{StreamExt, TryStreamExt, stream};
use herald::{clock::wait_until, queue::QueueName};
use jiff::Timestamp;

impl Timer {
    /// Wakes the lanes of a shard, each at its time. As with deliveries the message comes first.
    pub(crate) async fn wake_lanes(&self, shard: u8, now: Timestamp) -> Result<usize, TimerError> {
        let (mut position, mut woken) = (None, 0);
        loop {
            let by = now + LOOK_AHEAD;
            let page = self.store.due_lanes(shard, by, position, PAGE).await?;
            let wakes = page
                .due
                .iter()
                .map(|due| due.lane.wake().outgoing(wait_until(due.due, now)));
            let wakes: Vec<_> = wakes.collect();
            if !wakes.is_empty() {
                self.queue.send(QueueName::Webhook, wakes).await?;
            }
            stream::iter(&page.due)
                .map(Ok)
                .try_for_each_concurrent(CONCURRENCY, async |due| {
                    Ok::<_, TimerError>(self.store.postpone_lane(due, now).await?)
                })
                .await?;
            woken += page.due.len();
            position = page.next;
            if position.is_none() {
                return Ok(woken);
            }
        }
    }
}
