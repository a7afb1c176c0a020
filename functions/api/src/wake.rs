//! Ordered recipients are woken when something about their policy changed, so that the log is read
//! on from where they stand.

use crate::{Api, failure::Failure};
use ::herald::{
    message::{Version1, Wake},
    policy::Policy,
    queue::QueueName,
};
use std::time::Duration;

impl Api {
    /// Wakes the active recipients of a policy, where it keeps an order and sends. Asked after a
    /// change is stored, and again where the request is repeated: who has nothing to tell goes back
    /// to sleep.
    pub(crate) async fn wake_recipients(&self, policy: &Policy) -> Result<(), Failure> {
        if !policy.delivery_mode.is_ordered() || !policy.status.is_active() {
            return Ok(());
        }
        let active = policy.recipients.iter().filter(|known| known.is_active());
        let messages: Vec<_> = active
            .map(|recipient| {
                let wake = Wake {
                    v: Version1,
                    owner: policy.owner,
                    policy: policy.id,
                    recipient: recipient.id.clone(),
                };
                wake.outgoing(Duration::ZERO)
            })
            .collect();
        if !messages.is_empty() {
            self.queue.send(QueueName::Webhook, messages).await?;
        }
        Ok(())
    }
}
