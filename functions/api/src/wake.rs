//! Ordered recipients are woken when what kept them from being told is over.

use crate::{Api, failure::Failure};
use ::herald::{policy::Policy, queue::QueueName};
use std::time::Duration;

impl Api {
    /// Wakes the active recipients of a policy that is ordered and active: they go on where they
    /// stand, and at once, however long their next attempt was to wait. Should this fail, the caller
    /// gets no answer and repeats.
    pub(crate) async fn wake_recipients(&self, policy: &Policy) -> Result<(), Failure> {
        if !policy.status.is_active() {
            return Ok(());
        }
        let wakes = policy.wakes_at_once(Duration::ZERO);
        Ok(self.queue.send(QueueName::Webhook, wakes).await?)
    }
}
