//! Ordered recipients are woken when what kept them from being told is over.

use crate::{Api, failure::Failure};
use ::herald::{
    message::{Version1, Wake},
    policy::Policy,
    queue::QueueName,
};
use std::time::Duration;

impl Api {
    /// Wakes the active recipients of a policy that is ordered and active: they go on where they
    /// stand. Should this fail, the caller gets no answer and repeats.
    pub(crate) async fn wake_recipients(&self, policy: &Policy) -> Result<(), Failure> {
        if !policy.delivery_mode.is_ordered() || !policy.status.is_active() {
            return Ok(());
        }
        let active = policy.recipients.iter().filter(|it| it.is_active());
        let wakes = active.map(|recipient| {
            let wake = Wake {
                v: Version1,
                owner: policy.owner,
                policy: policy.id,
                recipient: recipient.id.clone(),
            };
            wake.outgoing(Duration::ZERO)
        });
        let wakes: Vec<_> = wakes.collect();
        if wakes.is_empty() {
            return Ok(());
        }
        Ok(self.queue.send(QueueName::Webhook, wakes).await?)
    }
}
