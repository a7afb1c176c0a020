//! What a deleted policy left unfinished is cancelled, day by day.

use crate::{Fanout, FanoutError};
use herald::{
    delivery::{CancelReason, State},
    message::{CancelDeliveries, EventsMessage},
    queue::QueueName,
    store::{Period, Recorded},
};
use jiff::SignedDuration;

/// Pages that one message reads at most, before it hands over to another.
const PAGES_PER_MESSAGE: usize = 100;

/// Deliveries of a page.
const PAGE: usize = 100;

impl Fanout {
    pub(crate) async fn cancel(&self, message: CancelDeliveries) -> Result<(), FanoutError> {
        let now = self.clock.now();
        let period = Period {
            since: message.since,
            until: now + SignedDuration::from_secs(1),
        };
        let of_policy = (message.owner, message.policy);
        let mut position = message.resume;
        for _ in 0..PAGES_PER_MESSAGE {
            let page = self
                .store
                .policy_deliveries(of_policy, &period, position, PAGE)
                .await?;
            for delivery in page
                .deliveries
                .iter()
                .filter(|delivery| !delivery.has_ended())
            {
                let cancelled = State::Cancelled {
                    at: now,
                    reason: CancelReason::PolicyDeleted,
                };
                // A delivery that moves at this moment meets the missing policy at its next
                // attempt, and is cancelled there.
                match self.store.move_delivery(delivery, cancelled, now).await? {
                    Recorded::Done | Recorded::Stale => {}
                }
            }
            position = page.next;
            if position.is_none() {
                return Ok(());
            }
        }
        let rest = EventsMessage::CancelDeliveries(CancelDeliveries {
            resume: position,
            ..message
        });
        Ok(self
            .queue
            .send(QueueName::Events, vec![rest.outgoing()])
            .await?)
    }
}
