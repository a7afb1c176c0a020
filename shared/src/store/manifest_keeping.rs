//! What leads to a delivery is kept for as long as the delivery may be asked for: longer than at first,
//! where it is withheld or waits in a log.

use super::{
    Store, StoreError,
    guard::Guard,
    manifests::{Manifest, key},
    update::Update,
    withheld::held_until,
};
use crate::delivery::DeliveryRef;
use jiff::Timestamp;

/// Parts of a fan-out that are read at a time.
const PAGE: usize = 10;

impl Store {
    /// Keeps what leads to a delivery for as long as that may be withheld from now on, and for the
    /// retention after that.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn hold_way_to(
        &self,
        delivery: &DeliveryRef,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.keep_way_to(delivery, held_until(now)).await
    }

    /// Keeps the part of a fan-out that leads to a delivery for the retention after it ended, if it is
    /// there and not kept for longer.
    ///
    /// * `end`: when it may end.
    pub(super) async fn keep_way_to(
        &self,
        delivery: &DeliveryRef,
        end: Timestamp,
    ) -> Result<(), StoreError> {
        let (owner, event) = (delivery.owner, &delivery.event);
        let mut chunk = 0;
        loop {
            let parts = self.event_manifests(owner, event, chunk, PAGE).await?;
            let Some(last) = parts.last() else {
                return Ok(());
            };
            chunk = last.chunk + 1;
            if let Some(part) = parts.iter().find(|part| leads_to(part, delivery)) {
                let until = self.expiry(end);
                let longer = Update::default().number("expires", until);
                let guard = Guard::AtMost("expires", until);
                let key = key(owner, event, part.chunk);
                let _ = self.data.update_if(key, &longer, &guard).await?;
                return Ok(());
            }
        }
    }
}

fn leads_to(part: &Manifest, delivery: &DeliveryRef) -> bool {
    let mut entries = part.entries.iter();
    entries.any(|entry| {
        entry.policy == delivery.policy && entry.recipients.contains(&delivery.recipient)
    })
}
