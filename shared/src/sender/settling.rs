//! What becomes of a delivery that is not sent: it ends, is withheld, or is left to the log.

use super::{Carrier, Sender, SenderError};
use crate::{
    delivery::{Delivery, DeliveryRef},
    lane::LaneRef,
    place::Place,
    queue::QueueName,
    store::StoreError,
};
use jiff::Timestamp;
use std::time::Duration;

impl<C: Carrier> Sender<C> {
    /// Leaves a delivery to the log of its event's account: notes that there is something to read,
    /// and only then wakes who reads it.
    pub(super) async fn leave_to_log(
        &self,
        reference: &DeliveryRef,
        place: Place,
    ) -> Result<(), SenderError<C::Error>> {
        let lane = LaneRef::from(reference);
        let account = reference.event.tenant.account;
        self.store.note_backlog(&lane, account, place).await?;
        let wake = lane.wake().outgoing(Duration::ZERO);
        self.queue.send(QueueName::Webhook, vec![wake]).await?;
        tracing::info!("a delivery is left to the log: its policy became ordered");
        Ok(())
    }

    /// Records a delivery that ended before it had a record. Where its event is gone with its
    /// account, nothing is: the erasure may be over, and nobody would erase the record.
    pub(super) async fn start_ended(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let event = &delivery.reference.event;
        if self.store.kept_event(event).await?.is_none() {
            tracing::info!("a message was dropped: the event is no longer kept");
            return Ok(());
        }
        let started = self.store.start_delivery(delivery, now).await?;
        tracing::info!(?started, "a delivery ended without an attempt");
        Ok(())
    }

    /// Withholds a delivery. Its event is held first, so that it is there when the delivery is sent,
    /// and what leads to the delivery, so that it is found for as long.
    pub(super) async fn withhold(
        &self,
        from: Option<&Delivery>,
        to: &Delivery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.store.hold_event(&to.reference.event, now).await? {
            tracing::info!("a message was dropped: the event is no longer kept");
            return Ok(());
        }
        self.store.hold_way_to(&to.reference, now).await?;
        let recorded = match from {
            Some(from) => {
                self.store
                    .move_delivery(from, to.status.clone(), now)
                    .await?
            }
            None => self.store.start_delivery(to, now).await?,
        };
        tracing::info!(?recorded, "a delivery is withheld");
        Ok(())
    }
}
