//! Deliveries without a record: still to come, or over for so long that theirs has expired.

use crate::{Api, failure::Failure};
use ::herald::{delivery::DeliveryRef, lane::LaneRef, policy::Policy};

impl Api {
    /// Whether a delivery without a record was never made. One of an event that is older than the
    /// retention was, and is forgotten; only what is told in order may wait for longer.
    pub(super) async fn is_to_come(
        &self,
        reference: &DeliveryRef,
        policy: Option<&Policy>,
    ) -> Result<bool, Failure> {
        let event = &reference.event;
        let age = self.clock.now().duration_since(event.accepted_at);
        if age < self.store.retention() {
            return Ok(true);
        }
        let lists = |policy: &&Policy| policy.recipient(&reference.recipient).is_some();
        let policy = policy.filter(|policy| policy.delivery_mode.is_ordered());
        let Some(policy) = policy.filter(lists) else {
            return Ok(false);
        };
        let kept = self.store.kept_event(event).await?;
        let place = kept.and_then(|kept| policy.reads_in_log(&kept.event));
        let Some(place) = place else {
            return Ok(false);
        };
        let (lane, account) = (LaneRef::from(reference), event.tenant.account);
        let cursors = self.store.cursors(&lane, [account]).await?;
        let cursor = cursors.get(&account);
        Ok(cursor.is_none_or(|cursor| cursor.place < place))
    }
}
