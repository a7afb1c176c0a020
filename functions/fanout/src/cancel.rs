//! What a deleted policy, or a removed recipient, left unfinished is cancelled, day by day.

use crate::{Fanout, FanoutError};
use futures::{TryStreamExt, stream};
use herald::{
    delivery::{CancelReason, Delivery, Status},
    id::RecipientId,
    message::{CancelDeliveries, EventsMessage},
    store::{DeliveryQuery, ListOrder, Period, Recorded},
};
use jiff::SignedDuration;

/// Pages that one message reads at most, before it hands over to another.
const PAGES_PER_MESSAGE: usize = 100;

/// A policy hears of events that were accepted before it was made and fanned out after: they lie in
/// the queue for 4 days at most, then among the dead letters for 14, and somebody may redrive them on
/// the last. A day more is for the way.
const OLDER_EVENTS: SignedDuration = SignedDuration::from_hours((4 + 14 + 1) * 24);

/// Deliveries of a page.
const PAGE: usize = 100;

/// Deliveries that are cancelled at once.
const CONCURRENCY: usize = 16;

impl Fanout {
    pub(crate) async fn cancel(&self, message: CancelDeliveries) -> Result<(), FanoutError> {
        if self.is_wanted(&message).await? {
            return Ok(());
        }
        if message.resume.is_none() {
            self.remove_lanes(&message).await?;
        }
        let now = self.clock.now();
        let period = Period {
            since: message
                .since
                .saturating_sub(OLDER_EVENTS)
                .unwrap_or(message.since),
            until: now + SignedDuration::from_secs(1),
        };
        let reason = match message.recipient {
            None => CancelReason::PolicyDeleted,
            Some(_) => CancelReason::RecipientRemoved,
        };
        let is_meant = |delivery: &&Delivery| {
            let of_recipient = |id: &RecipientId| delivery.reference.recipient == *id;
            !delivery.has_ended() && message.recipient.as_ref().is_none_or(of_recipient)
        };
        let mut position = message.resume;
        for _ in 0..PAGES_PER_MESSAGE {
            let page = self
                .store
                .policy_deliveries(&DeliveryQuery {
                    of: (message.owner, message.policy),
                    period,
                    order: ListOrder::Newest,
                    start: position,
                    limit: PAGE,
                })
                .await?;
            stream::iter(page.deliveries.iter().filter(is_meant).map(Ok))
                .try_for_each_concurrent(CONCURRENCY, async |delivery| {
                    let cancelled = Status::Cancelled { at: now, reason };
                    // A delivery that moves at this moment meets the missing policy or recipient
                    // at its next attempt, and is cancelled there.
                    match self.store.move_delivery(delivery, cancelled, now).await? {
                        Recorded::Done | Recorded::Stale => Ok::<_, FanoutError>(()),
                    }
                })
                .await?;
            position = page.next;
            if position.is_none() {
                return Ok(());
            }
            if self.is_late(now) {
                break;
            }
        }
        let rest = EventsMessage::CancelDeliveries(CancelDeliveries {
            resume: position,
            ..message
        });
        self.hand_over(rest).await
    }

    /// Removes the lanes of who is gone: one that has nothing to tell is never woken again. Whoever
    /// works on one at this moment finds its lease gone.
    async fn remove_lanes(&self, message: &CancelDeliveries) -> Result<(), FanoutError> {
        let of_policy = (message.owner, message.policy);
        for lane in self.store.lanes_of(of_policy).await? {
            let gone = message.recipient.as_ref();
            if gone.is_none_or(|recipient| lane.recipient == *recipient) {
                self.store.remove_lane(&lane).await?;
            }
        }
        Ok(())
    }

    /// Whether the policy, or the recipient, still stands.
    async fn is_wanted(&self, message: &CancelDeliveries) -> Result<bool, FanoutError> {
        let policy = self.store.policy(message.owner, message.policy).await?;
        Ok(match (policy, &message.recipient) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(policy), Some(recipient)) => policy.recipient(recipient).is_some(),
        })
    }
}
