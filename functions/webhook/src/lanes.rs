//! Ordered recipients: each is told what stands in the logs, one request at a time, by who holds
//! the lease of its lane. What makes this safe is told in [`herald::lane`].

mod batch;
mod keeping;
mod logs;

use crate::{BEYOND_EXCHANGE, Outcomes, Webhook, WebhookError};
use futures::future::join_all;
use herald::{
    clock::wait_until,
    id::AccountId,
    lane::{BatchEnd, Lane, LaneRef, Plan},
    message::Wake,
    place::Place,
    policy::Policy,
    queue::{
        MAX_DELAY, QueueName,
        inbox::{self, Record},
    },
    recipient::Recipient,
    sender::SenderError,
    store::{Claim, Parking, Recorded, Release},
};
use jiff::{SignedDuration, Timestamp};
use keeping::Effort;
use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};
use tracing::Instrument;

/// How long one message works on a lane before it hands over to another.
pub(crate) const WORK: Duration = Duration::from_secs(10);

type Error = SenderError<WebhookError>;

/// What a worker does next with its lane.
enum Next {
    /// Let it go: there is nothing to tell.
    Rest,
    /// Let it go: nobody is to be told now. Somebody looks again at that instant.
    Look(Timestamp),
    /// Let it go until then.
    Park(Parking),
    /// Remove it: nobody is to be told any more.
    Remove,
    /// Nothing: somebody else has it.
    Lost,
}

/// Who is told, and as whom.
struct Audience {
    policy: Policy,
    recipient: Recipient,
}

/// A lane that is worked on.
struct Work<'a> {
    webhook: &'a Webhook,
    lane: Lane,
    started: Timestamp,
    /// How far the logs are passed that it passed something in.
    passed: HashMap<AccountId, Place>,
}

impl Webhook {
    /// Handles wake-ups. Of several of one lane the first stands for all: should it fail, it comes
    /// again alone.
    pub(crate) async fn wake(&self, wakes: Vec<(Record, Wake)>) -> Outcomes {
        let mut outcomes = Outcomes::new();
        let mut first: HashMap<LaneRef, (Record, Wake)> = HashMap::new();
        for (record, wake) in wakes {
            match first.entry(LaneRef::from(&wake)) {
                Entry::Vacant(vacant) => {
                    vacant.insert((record, wake));
                }
                Entry::Occupied(mut occupied) => {
                    let (_, kept) = occupied.get_mut();
                    kept.at_once |= wake.at_once;
                    kept.due = kept.due.max(wake.due);
                    outcomes.push((record, Ok(())));
                }
            }
        }
        let worked = first.into_iter().map(async |(lane, (record, wake))| {
            let span = tracing::info_span!(
                "wake",
                policy.id = %lane.policy,
                recipient.id = %lane.recipient,
            );
            let work = Box::pin(self.work(lane, wake).instrument(span));
            (record, inbox::alone(self.lane_limit(), work).await)
        });
        outcomes.extend(join_all(worked).await);
        outcomes
    }

    /// How long the handling of a wake-up may take.
    fn lane_limit(&self) -> Duration {
        self.sender.carrier.longest_exchange() + BEYOND_EXCHANGE
    }

    async fn work(&self, reference: LaneRef, wake: Wake) -> Result<(), Error> {
        let started = self.sender.clock.now();
        let lease = SignedDuration::try_from(self.lane_limit()).unwrap_or(SignedDuration::MAX);
        let store = &self.sender.store;
        let claim = store.claim_lane(&reference, started, lease, wake.at_once);
        let lane = match claim.await? {
            Claim::Started(lane) => *lane,
            Claim::Busy => {
                tracing::info!("somebody is telling this recipient");
                return Ok(());
            }
            Claim::Waiting(until) => {
                tracing::info!(%until, "the recipient waits for its next attempt");
                return match wake.due {
                    // It came too early; no other comes in its place.
                    Some(due) if due >= until => self.wake_at(&reference, until, started).await,
                    _ => Ok(()),
                };
            }
        };
        let mut work = Work {
            webhook: self,
            lane,
            started,
            passed: HashMap::new(),
        };
        loop {
            let let_go = match work.tell().await? {
                Next::Lost => return Ok(()),
                Next::Remove => return Ok(store.remove_lane(&reference).await?),
                Next::Park(parking) => return self.park(&work.lane, parking).await,
                Next::Rest => store.release_lane(&work.lane).await?,
                Next::Look(at) => store.look_later(&work.lane, at).await?,
            };
            match let_go {
                Release::Done | Release::Lost => return Ok(()),
                Release::Woken(lane) => work.lane = *lane,
            }
            if work.is_late() {
                return self.park(&work.lane, Parking::AtOnce).await;
            }
        }
    }

    /// Lets a lane go and has it woken in time: by the queue, or later than that holds a message by
    /// the timer.
    async fn park(&self, lane: &Lane, parking: Parking) -> Result<(), Error> {
        let now = self.sender.clock.now();
        let store = &self.sender.store;
        if store.park_lane(lane, parking, now).await? == Recorded::Stale {
            return match store.held(lane).await? {
                // Somebody asked meanwhile for the next attempt at once.
                Some(held) => Box::pin(self.park(&held, Parking::AtOnce)).await,
                None => Ok(()),
            };
        }
        let due = match parking {
            Parking::Until(due) | Parking::Slot(due) => due,
            Parking::AtOnce => now,
        };
        self.wake_at(&lane.reference, due, now).await
    }

    /// Has a lane woken at an instant, if the queue can hold a message so long.
    async fn wake_at(&self, lane: &LaneRef, due: Timestamp, now: Timestamp) -> Result<(), Error> {
        let wait = wait_until(due, now);
        if wait <= MAX_DELAY {
            let wake = lane.wake().at(due).outgoing(wait);
            self.sender
                .queue
                .send(QueueName::Webhook, vec![wake])
                .await?;
        }
        Ok(())
    }
}

impl Work<'_> {
    /// Tells what stands in the logs, until there is no more, or something is in the way.
    async fn tell(&mut self) -> Result<Next, Error> {
        let Some(audience) = self.audience().await? else {
            return Ok(Next::Remove);
        };
        if !audience.policy.status.is_active() || !audience.recipient.is_active() {
            return self.wait_for_audience().await;
        }
        while let Some(to) = self.lane.seek {
            if self.seek(to).await? == Recorded::Stale {
                return Ok(Next::Lost);
            }
        }
        self.keep_unread(Effort::AFewPages).await?;
        if !self.lane.batch.is_empty()
            && let Some(next) = self.tell_again(&audience.policy).await?
        {
            return Ok(next);
        }
        let mut start = audience.policy;
        loop {
            let logs = self.next_logs(&start).await?;
            if logs.is_empty() {
                return Ok(Next::Rest);
            }
            // Read after the logs: whatever stands in them, the policy knows why it hears it.
            let Some(Audience { policy, .. }) = self.audience().await? else {
                return Ok(Next::Remove);
            };
            let heard = |entry: &_| policy.hears_entry(entry);
            let plan = Plan::new(&logs, policy.dialect.batch(), heard);
            let mut plan = plan.sent_to(self.lane.told_to);
            start = policy;
            while let Some(batch) = plan.next_batch() {
                // Read again before each request: a new secret, a new URL, an end count at once.
                if let Some(next) = self.send_if_wanted(batch).await? {
                    return Ok(next);
                }
            }
            if let Some(next) = self.finish(&logs).await? {
                return Ok(next);
            }
        }
    }

    /// The policy and the recipient as they are now, while both are there.
    async fn audience(&self) -> Result<Option<Audience>, Error> {
        let LaneRef {
            owner,
            policy,
            recipient,
        } = &self.lane.reference;
        let policy = self.webhook.sender.store.policy(*owner, *policy).await?;
        Ok(policy.and_then(|policy| {
            let recipient = policy.recipient(recipient)?.clone();
            Some(Audience { policy, recipient })
        }))
    }

    /// Sends the batch that was sent before and not acknowledged, as it was.
    async fn tell_again(&mut self, policy: &Policy) -> Result<Option<Next>, Error> {
        let logs = self.logs_of(policy, &self.lane.batch).await?;
        let heard = |entry: &_| policy.hears_entry(entry);
        match Plan::new(&logs, policy.dialect.batch(), heard).whole() {
            Some(batch) => self.send_if_wanted(batch).await,
            // Its policy hears none of it any more.
            None => {
                let ends = std::mem::take(&mut self.lane.batch);
                self.pass(&ends).await
            }
        }
    }

    /// Moves the cursors; what is next where the lease is lost.
    async fn pass(&mut self, ends: &[BatchEnd]) -> Result<Option<Next>, Error> {
        match self.webhook.sender.store.pass(&self.lane, ends).await? {
            Recorded::Done => {
                self.lane.failures = 0;
                self.lane.batch.clear();
                self.passed
                    .extend(ends.iter().map(|end| (end.account, end.to)));
                Ok(None)
            }
            Recorded::Stale => Ok(Some(Next::Lost)),
        }
    }

    /// Goes to a place in every log, as somebody asked. [`Recorded::Stale`] where the lease is lost.
    async fn seek(&mut self, to: Place) -> Result<Recorded, Error> {
        let store = &self.webhook.sender.store;
        let moved = store.seek(&self.lane, to).await?;
        tracing::info!(?moved, "a recipient is sent to another place in the logs");
        // It may have been asked for another place meanwhile.
        let Some(held) = store.held(&self.lane).await? else {
            return Ok(Recorded::Stale);
        };
        self.lane = held;
        self.passed.clear();
        Ok(Recorded::Done)
    }

    /// Whether it has worked so long that the rest is for another message.
    fn is_late(&self) -> bool {
        let worked = self.webhook.sender.clock.now().duration_since(self.started);
        worked >= SignedDuration::try_from(WORK).unwrap_or(SignedDuration::MAX)
    }
}
