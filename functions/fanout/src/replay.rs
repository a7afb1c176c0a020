//! A replay goes on: deliveries of a policy have an attempt now, those of the oldest events first.
//! Each is moved before its message is sent, and both before the progress is noted: a crash in
//! between is mended by the timer, and by the page being read again.

use crate::{Fanout, FanoutError, sending::AHEAD};
use herald::{
    lane::LaneRef,
    message::{EventsMessage, ReplayDeliveries},
    place::Place,
    policy::Policy,
    queue::QueueName,
    replay::{Progress, Replay, ReplayState},
    store::{DeliveryPage, DeliveryQuery, ListOrder, Recorded},
};
use jiff::Timestamp;
use std::time::Duration;

/// Pages that one message reads at most, before it hands over to another.
const PAGES_PER_MESSAGE: usize = 100;

/// Deliveries of a page.
const PAGE: usize = 100;

impl Fanout {
    pub(crate) async fn replay(&self, message: ReplayDeliveries) -> Result<(), FanoutError> {
        let started = self.clock.now();
        let of = (message.owner, message.policy);
        let found = self.store.replay(of, message.replay).await?;
        let Some(mut replay) = found.filter(Replay::is_running) else {
            return Ok(());
        };
        let mut left = None;
        for page in 0..PAGES_PER_MESSAGE {
            let Some(policy) = self.store.policy(message.owner, message.policy).await? else {
                let at = self.clock.now();
                return self.end(&replay, ReplayState::Cancelled { at }).await;
            };
            match (replay.selection.in_order, policy.delivery_mode.is_ordered()) {
                (true, _) => return self.go_back(replay, &policy).await,
                (false, false) => {}
                // It became ordered meanwhile, and nothing is sent beside the log.
                (false, true) => {
                    let at = self.clock.now();
                    return self.end(&replay, ReplayState::Cancelled { at }).await;
                }
            }
            if page == 0 {
                left = self.most_ahead(&policy, started).await?;
            }
            if left == Some(0) {
                let rest = EventsMessage::ReplayDeliveries(message).delayed(AHEAD);
                return Ok(self.queue.send(QueueName::Events, vec![rest]).await?);
            }
            let limit = left.map_or(PAGE, |left| PAGE.min(left));
            let page = self.replayed_page(&replay, limit).await?;
            let sent = self.send_again(&replay, &policy, &page, started).await?;
            left = left.map(|left| left.saturating_sub(sent));
            replay.progress.examined += as_count(page.deliveries.len());
            replay.progress.sent += as_count(sent);
            replay.progress.position = page.next;
            if page.next.is_none() {
                let at = self.clock.now();
                return self.end(&replay, ReplayState::Completed { at }).await;
            }
            if self.store.note_progress(&mut replay).await? == Recorded::Stale {
                tracing::info!("the replay ended meanwhile, or goes on elsewhere");
                return Ok(());
            }
            if self.is_late(started) {
                break;
            }
        }
        self.hand_over(EventsMessage::ReplayDeliveries(message))
            .await
    }

    /// Sends the recipients of an ordered policy back in the logs, each of which is told again what
    /// follows, and what comes meanwhile behind that.
    async fn go_back(&self, mut replay: Replay, policy: &Policy) -> Result<(), FanoutError> {
        let to = Place::before(replay.selection.period.since);
        replay.progress = Progress::default();
        for wake in policy.wakes() {
            let lane = LaneRef::from(&wake);
            // What was accepted before that is not told again, but never was.
            let start = policy.delivery_mode.start_of(&lane.recipient);
            let to = start.map_or(to, |start| start.max(to));
            if self.store.ask_to_seek(&lane, to).await? {
                replay.progress.sent += 1;
                let wake = wake.at_once().outgoing(Duration::ZERO);
                self.queue.send(QueueName::Webhook, vec![wake]).await?;
            }
        }
        let at = self.clock.now();
        self.end(&replay, ReplayState::Completed { at }).await
    }

    async fn replayed_page(
        &self,
        replay: &Replay,
        limit: usize,
    ) -> Result<DeliveryPage, FanoutError> {
        let wanted = DeliveryQuery {
            of: (replay.owner, replay.policy),
            period: replay.selection.period,
            order: ListOrder::Oldest,
            start: replay.progress.position,
            limit,
        };
        Ok(self.store.policy_deliveries(&wanted).await?)
    }

    /// Sends what a replay means of a page, if somebody is there to hear it and its event is still
    /// kept; returns how many deliveries that are.
    async fn send_again(
        &self,
        replay: &Replay,
        policy: &Policy,
        page: &DeliveryPage,
        now: Timestamp,
    ) -> Result<usize, FanoutError> {
        let means = |delivery: &&_| replay.means(policy, delivery);
        let mut meant: Vec<_> = page.deliveries.iter().filter(means).cloned().collect();
        let events = meant.iter().map(|delivery| &delivery.reference.event);
        let kept = self.store.kept_events(events).await?;
        meant.retain(|delivery| kept.contains_key(&delivery.reference.event));
        let ready = self.make_ready(&meant, now).await?;
        self.send_attempts(&ready, now).await?;
        tracing::info!(sent = ready.len(), "deliveries are sent again");
        Ok(ready.len())
    }

    async fn end(&self, replay: &Replay, end: ReplayState) -> Result<(), FanoutError> {
        match self.store.end_replay(replay, end).await? {
            Recorded::Done => tracing::info!(state = end.name(), "a replay ended"),
            Recorded::Stale => tracing::info!("the replay ended meanwhile, or goes on elsewhere"),
        }
        Ok(())
    }
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
