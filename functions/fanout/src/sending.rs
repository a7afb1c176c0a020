//! Deliveries that have an attempt now: the messages about it, and how many a policy's pace allows
//! to be sent ahead.

use crate::{Fanout, FanoutError};
use futures::{StreamExt, TryStreamExt, stream};
use herald::{delivery::Delivery, message::Deliver, policy::Policy, recipient::Channel};
use jiff::Timestamp;
use std::time::Duration;

/// For how long a message sends ahead what a pace lets through, before it hands over: less than
/// what is reserved ahead.
pub(crate) const AHEAD: Duration = Duration::from_secs(10 * 60);

/// Deliveries that are moved at once.
const CONCURRENCY: usize = 16;

impl Fanout {
    /// How much one message sends at most, where the policy has a pace: what that lets through in
    /// the time ahead, less what is reserved in it, by somebody else perhaps.
    pub(crate) async fn most_ahead(
        &self,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<usize>, FanoutError> {
        let Some(pace) = policy.pace else {
            return Ok(None);
        };
        let of = (policy.owner, policy.id);
        let reserved = self.store.reserved_until(of, now).await?;
        let reserved = reserved.map_or(0, |until| until.duration_since(now).as_secs().max(0));
        let seconds = AHEAD.as_secs().saturating_sub(reserved.unsigned_abs());
        let most = u64::from(u32::from(pace)) * seconds;
        Ok(Some(usize::try_from(most).unwrap_or(usize::MAX)))
    }

    /// Has deliveries wait for an attempt now; returns them as they stand then, in their order. One
    /// that moves at this moment is somebody else's.
    pub(crate) async fn make_ready(
        &self,
        deliveries: &[Delivery],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, FanoutError> {
        let ready: Vec<Option<Delivery>> = stream::iter(deliveries)
            .map(|delivery| self.store.make_ready(delivery, now))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(ready.into_iter().flatten().collect())
    }

    /// Sends the messages about attempts that are made now.
    ///
    /// * `waiting`: deliveries that wait for one.
    pub(crate) async fn send_attempts(
        &self,
        waiting: &[Delivery],
        now: Timestamp,
    ) -> Result<(), FanoutError> {
        for channel in Channel::ALL {
            let queue = channel.queue();
            let messages: Vec<_> = waiting
                .iter()
                .filter(|delivery| delivery.queue() == queue)
                .map(|delivery| Deliver::next(delivery, now, now))
                .collect();
            if !messages.is_empty() {
                self.queue.send(queue, messages).await?;
            }
        }
        Ok(())
    }
}
