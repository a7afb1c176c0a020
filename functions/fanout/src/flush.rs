//! What was withheld while a policy was suspended or pending is sent once it is active, the oldest
//! first. Each delivery is moved before its message is sent: a crash in between is mended by the
//! timer, which looks after whatever waits.

use crate::{Fanout, FanoutError, sending::AHEAD};
use herald::{
    delivery::Delivery,
    message::{EventsMessage, FlushWithheld},
    queue::QueueName,
};
use jiff::Timestamp;

/// Pages that one message reads at most, before it hands over to another.
const PAGES_PER_MESSAGE: usize = 100;

/// Deliveries of a page.
const PAGE: usize = 100;

impl Fanout {
    pub(crate) async fn flush(&self, message: FlushWithheld) -> Result<(), FanoutError> {
        let started = self.clock.now();
        let (mut position, mut left) = (None, None);
        for page in 0..PAGES_PER_MESSAGE {
            let policy = self.store.policy(message.owner, message.policy).await?;
            let Some(policy) = policy.filter(|policy| policy.status.is_active()) else {
                // Whoever makes it active again flushes again; a deletion cancels.
                return Ok(());
            };
            if page == 0 {
                left = self.most_ahead(&policy, started).await?;
            }
            if left == Some(0) {
                // The next probe asks for a flush again, as the one before did: each that waited here
                // would be one more.
                if policy.probe_url().is_some() {
                    return Ok(());
                }
                let rest = EventsMessage::FlushWithheld(message).delayed(AHEAD);
                return Ok(self.queue.send(QueueName::Events, vec![rest]).await?);
            }
            let limit = left.map_or(PAGE, |left| PAGE.min(left));
            let page = self.store.withheld(message.policy, position, limit).await?;
            let sent = self.send_withheld(&page.deliveries, started).await?;
            tracing::info!(sent, "what was withheld is sent");
            left = left.map(|left| left.saturating_sub(sent));
            position = page.next;
            if position.is_none() {
                return Ok(());
            }
            if self.is_late(started) {
                break;
            }
        }
        self.hand_over(EventsMessage::FlushWithheld(message)).await
    }

    /// Has deliveries wait for an attempt now, and sends the messages about it; returns how many
    /// they were. One that moves at this moment is somebody else's.
    async fn send_withheld(
        &self,
        withheld: &[Delivery],
        now: Timestamp,
    ) -> Result<usize, FanoutError> {
        let moved = self.make_ready(withheld, now).await?;
        self.send_attempts(&moved, now).await?;
        Ok(moved.len())
    }
}
