//! Deliveries without a record: still to come, or over for so long that theirs has expired.

use crate::{Api, failure::Failure};
use ::herald::{
    delivery::DeliveryRef,
    event::{Event, EventRef},
    lane::LaneRef,
    policy::Policy,
};

impl Api {
    /// Whether a delivery without a record was never made. It was, and is forgotten, where its event is
    /// gone, since the retention may have been shorter, or is older than the retention; only what is told
    /// in order may wait for longer than that.
    ///
    /// * `event`: the delivery's, if it is still kept.
    pub(super) async fn is_to_come(
        &self,
        reference: &DeliveryRef,
        event: Option<&Event>,
        policy: Option<&Policy>,
    ) -> Result<bool, Failure> {
        let Some(event) = event else {
            return Ok(false);
        };
        let EventRef {
            tenant,
            accepted_at,
            ..
        } = event.reference;
        if self.clock.now().duration_since(accepted_at) < self.store.retention() {
            return Ok(true);
        }
        let lists = |policy: &&Policy| policy.recipient(&reference.recipient).is_some();
        let policy = policy.filter(|policy| policy.delivery_mode.is_ordered());
        let Some(policy) = policy.filter(lists) else {
            return Ok(false);
        };
        let Some(place) = policy.reads_in_log(event) else {
            return Ok(false);
        };
        let (lane, account) = (LaneRef::from(reference), tenant.account);
        let cursors = self.store.cursors(&lane, [account]).await?;
        let cursor = cursors.get(&account);
        Ok(cursor.is_none_or(|cursor| cursor.place < place))
    }
}
