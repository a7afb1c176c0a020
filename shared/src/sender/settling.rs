//! What becomes of a delivery that is not sent: it ends, or is withheld.

use super::{Carrier, Sender};
use crate::{delivery::Delivery, event::EventRef, store::StoreError};
use jiff::Timestamp;

impl<C: Carrier> Sender<C> {
    /// Records a delivery that ended before it had a record. Where its event is gone with its
    /// account, nothing is: the erasure may be over, and nobody would erase the record.
    pub(super) async fn start_ended(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let EventRef { tenant, id, .. } = &delivery.reference.event;
        if self.store.event(*tenant, id).await?.is_none() {
            tracing::info!("a message was dropped: the event is no longer kept");
            return Ok(());
        }
        let started = self.store.start_delivery(delivery, now).await?;
        tracing::info!(?started, "a delivery ended without an attempt");
        Ok(())
    }

    /// Withholds a delivery. Its event is held first, so that it is there when the delivery is sent.
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
