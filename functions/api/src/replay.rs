//! Starting a replay, whatever the interface that asks for it.

use crate::{Api, failure::Failure};
use ::herald::{
    message::{EventsMessage, ReplayDeliveries},
    policy::Policy,
    queue::{MAX_DELAY, QueueName},
    replay::{Replay, Selection},
    store::ReplayStart,
};

impl Api {
    /// Starts a replay of a policy, which goes on in the background.
    pub(crate) async fn start_replay(
        &self,
        policy: &Policy,
        selection: Selection,
    ) -> Result<Replay, Failure> {
        self.check_replayable(policy)?;
        let now = self.clock.now();
        let id = self.random.replay_id(now);
        let replay = Replay::new(id, (policy.owner, policy.id), selection, now);
        let message = EventsMessage::ReplayDeliveries(ReplayDeliveries::of(&replay));
        // Before the replay is there: should this request stop behind that, somebody goes on with it.
        let late = vec![message.delayed(MAX_DELAY)];
        self.queue.send(QueueName::Events, late).await?;
        match self.store.start_replay(&replay).await? {
            ReplayStart::Done => {}
            ReplayStart::Running(running) => return Err(is_running(running)),
        }
        let now = vec![message.outgoing()];
        self.queue.send(QueueName::Events, now).await?;
        Ok(replay)
    }

    /// Refuses a policy that does not send.
    pub(crate) fn check_replayable(&self, policy: &Policy) -> Result<(), Failure> {
        if policy.status.is_active() {
            return Ok(());
        }
        let detail = "its policy is not active, and must be activated first";
        Err(Failure::Conflict(detail.to_owned()))
    }
}

/// What is told while another replay runs.
pub(crate) fn is_running(running: Option<::herald::id::ReplayId>) -> Failure {
    let named = running.map_or_else(String::new, |id| format!(": {id}"));
    Failure::Conflict(format!("another replay of it runs{named}"))
}
