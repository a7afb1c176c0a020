//! What nobody wants any more is cancelled, whenever the request that removes it may stop.

use crate::{Api, failure::Failure};
use ::herald::{
    message::{CancelDeliveries, EventsMessage},
    queue::{MAX_DELAY, QueueName},
};
use std::time::Duration;

impl Api {
    /// Before a removal: a message for the case that nothing after this happens. It is seen when
    /// every request and every fan-out that is under way now has ended (15 minutes: Lambda's
    /// longest invocation), and asks for nothing if the removal was not made.
    pub(super) async fn prepare_cancellation(&self, of: CancelDeliveries) -> Result<(), Failure> {
        self.cancel_after(of, MAX_DELAY).await
    }

    /// After a removal: cancels at once.
    pub(super) async fn cancel_now(&self, of: CancelDeliveries) -> Result<(), Failure> {
        self.cancel_after(of, Duration::ZERO).await
    }

    async fn cancel_after(&self, of: CancelDeliveries, delay: Duration) -> Result<(), Failure> {
        let message = EventsMessage::CancelDeliveries(of).delayed(delay);
        Ok(self.queue.send(QueueName::Events, vec![message]).await?)
    }
}
