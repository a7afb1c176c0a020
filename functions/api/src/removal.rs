//! Policies and recipients are removed, and what they left unfinished is cancelled, whenever the
//! request that removes them may stop.

use crate::{Api, failure::Failure};
use ::herald::{
    message::{CancelDeliveries, EventsMessage},
    policy::Policy,
    queue::{MAX_DELAY, QueueName},
};
use std::time::Duration;

impl Api {
    /// Deletes a policy; what it left unfinished is cancelled in the background. Returns it as it
    /// was, if it was still there.
    ///
    /// * `allow`: asked about the version that is deleted.
    pub(crate) async fn delete_policy(
        &self,
        policy: &Policy,
        allow: impl Fn(&Policy) -> Result<(), Failure>,
    ) -> Result<Option<Policy>, Failure> {
        allow(policy)?;
        let cancellation = CancelDeliveries::of(policy, None);
        self.prepare_cancellation(cancellation.clone()).await?;
        let deleted = self
            .store
            .delete_policy_if(policy.owner, policy.id, allow)
            .await?;
        if deleted.is_some() {
            self.cancel_now(cancellation).await?;
            self.take_down_signposts(policy).await?;
        }
        Ok(deleted)
    }

    /// Before a removal: a message for the case that nothing after this happens. It is seen when
    /// every request and every fan-out that is under way now has ended (15 minutes: Lambda's
    /// longest invocation), and asks for nothing if the removal was not made.
    pub(crate) async fn prepare_cancellation(&self, of: CancelDeliveries) -> Result<(), Failure> {
        self.cancel_after(of, MAX_DELAY).await
    }

    /// After a removal: cancels at once.
    pub(crate) async fn cancel_now(&self, of: CancelDeliveries) -> Result<(), Failure> {
        self.cancel_after(of, Duration::ZERO).await
    }

    async fn cancel_after(&self, of: CancelDeliveries, delay: Duration) -> Result<(), Failure> {
        let message = EventsMessage::CancelDeliveries(of).delayed(delay);
        Ok(self.queue.send(QueueName::Events, vec![message]).await?)
    }
}
