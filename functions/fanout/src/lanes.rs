//! What is told by the log: its readers are woken, and nothing is sent to them here.

use crate::{Fanout, FanoutError};
use futures::{TryStreamExt, stream};
use herald::{
    delivery::DeliveryRef,
    event::Event,
    lane::LaneRef,
    policy::{Policy, Way},
    queue::QueueName,
    store::AcceptedEvent,
};
use std::time::Duration;

/// Lanes that are noted at once.
const CONCURRENCY: usize = 16;

impl Fanout {
    /// Gives an event its place in the log of its account, where a policy reads that which nobody
    /// knew of when the event was accepted.
    pub(crate) async fn log_if_read(
        &self,
        accepted: &mut AcceptedEvent,
        policies: &[Policy],
    ) -> Result<(), FanoutError> {
        let way = |policy: &&Policy| policy.way_of(&accepted.event, &accepted.dialects);
        let readers = policies.iter().filter(|policy| way(policy) == Way::Append);
        let starts = readers.filter_map(|policy| policy.delivery_mode.present_start());
        if let Some(start) = starts.max() {
            let now = self.clock.now();
            accepted.event.place = self.store.log_event(accepted, start, now).await?;
            tracing::info!("an event was put into the log by its fan-out");
        }
        Ok(())
    }

    /// Notes for each lane that the log of the event's account holds more, and only then wakes it.
    pub(crate) async fn wake_lanes(
        &self,
        event: &Event,
        deliveries: Vec<DeliveryRef>,
    ) -> Result<(), FanoutError> {
        let Some(place) = event.place else {
            return Ok(());
        };
        let account = event.reference.tenant.account;
        let lanes: Vec<_> = deliveries.iter().map(LaneRef::from).collect();
        stream::iter(lanes.iter().map(Ok))
            .try_for_each_concurrent(CONCURRENCY, async |lane| {
                self.store.note_backlog(lane, account, place).await
            })
            .await?;
        let wakes = lanes
            .iter()
            .map(|lane| lane.wake().outgoing(Duration::ZERO));
        Ok(self.queue.send(QueueName::Webhook, wakes.collect()).await?)
    }
}
