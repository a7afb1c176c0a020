//! What was withheld while a policy was suspended or pending is sent once it is active, the oldest
//! first. Each delivery is moved before its message is sent: a crash in between is mended by the
//! timer, which looks after whatever waits.

use crate::{Fanout, FanoutError};
use futures::{StreamExt, TryStreamExt, stream};
use herald::{
    delivery::{Delivery, Status},
    message::{Deliver, EventsMessage, FlushWithheld},
    policy::Policy,
    queue::QueueName,
    recipient::Channel,
    store::Recorded,
};
use jiff::Timestamp;
use std::time::Duration;

/// Pages that one message reads at most, before it hands over to another.
const PAGES_PER_MESSAGE: usize = 100;

/// Deliveries of a page.
const PAGE: usize = 100;

/// Deliveries that are moved at once.
const CONCURRENCY: usize = 16;

/// For how long a message sends ahead what a pace lets through, before it hands over: less than
/// what is reserved ahead.
const AHEAD: Duration = Duration::from_secs(10 * 60);

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

    /// How much one message sends at most, where the policy has a pace: what that lets through in
    /// the time ahead, less what is reserved in it, by another flush perhaps.
    async fn most_ahead(
        &self,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<usize>, FanoutError> {
        let Some(pace) = policy.pace else {
            return Ok(None);
        };
        let reserved = self.store.reserved_until((policy.owner, policy.id)).await?;
        let reserved = reserved.map_or(0, |until| until.duration_since(now).as_secs().max(0));
        let seconds = AHEAD.as_secs().saturating_sub(reserved.unsigned_abs());
        let most = u64::from(u32::from(pace)) * seconds;
        Ok(Some(usize::try_from(most).unwrap_or(usize::MAX)))
    }

    /// Has deliveries wait for an attempt now, and sends the messages about it; returns how many
    /// they were. One that moves at this moment is somebody else's.
    async fn send_withheld(
        &self,
        withheld: &[Delivery],
        now: Timestamp,
    ) -> Result<usize, FanoutError> {
        let waiting = Status::Waiting { due: now };
        let moved: Vec<Option<Delivery>> = stream::iter(withheld)
            .map(async |delivery| {
                let to = waiting.clone();
                let moved = match self.store.move_delivery(delivery, to.clone(), now).await? {
                    Recorded::Done => Some(delivery.clone().into_status(to)),
                    Recorded::Stale => None,
                };
                Ok::<_, FanoutError>(moved)
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let moved: Vec<_> = moved.into_iter().flatten().collect();
        for channel in Channel::ALL {
            let queue = channel.queue();
            let messages: Vec<_> = moved
                .iter()
                .filter(|delivery| delivery.queue() == queue)
                .map(|delivery| Deliver::next(delivery, now, now))
                .collect();
            if !messages.is_empty() {
                self.queue.send(queue, messages).await?;
            }
        }
        Ok(moved.len())
    }
}
