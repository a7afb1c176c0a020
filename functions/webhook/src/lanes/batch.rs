//! One request to an ordered recipient, and what follows from its outcome.

use super::{Audience, Error, Next, Work, keeping::Effort};
use herald::{
    attempt::{Answer, Attempt, Outcome},
    delivery::{Delivery, DeliveryRef, Status},
    delivery_id::DeliveryId,
    dialect::Parcel,
    event::Event,
    lane::{Batch, BatchEnd, Keeping},
    place::Place,
    policy::Policy,
    sender::Carried,
    store::{Changed, LogEntry, MAX_RESERVED_AHEAD, Parking, Recorded},
};
use jiff::SignedDuration;
use std::collections::HashMap;

/// Deliveries that were made before.
type Told = HashMap<DeliveryId, Delivery>;

/// A batch with its events.
struct Loaded {
    batch: Batch,
    /// Those that are still kept: at least one.
    events: Vec<Event>,
}

impl Work<'_> {
    /// Sends a batch, if its recipient is still to be told and there is time. Returns what is next,
    /// unless that is the next batch.
    pub(super) async fn send_if_wanted(&mut self, batch: Batch) -> Result<Option<Next>, Error> {
        if self.is_late() {
            return Ok(Some(Next::Park(Parking::AtOnce)));
        }
        let Some(audience) = self.audience().await? else {
            return Ok(Some(Next::Remove));
        };
        if !audience.policy.status.is_active() || !audience.recipient.is_active() {
            return self.wait_for_audience().await.map(Some);
        }
        let references = batch.entries.iter().map(|entry| &entry.event);
        let mut kept = self.webhook.sender.store.kept_events(references).await?;
        let entries = batch.entries.iter();
        let events: Vec<_> = entries
            .filter_map(|entry| kept.remove(&entry.event))
            .collect();
        if events.is_empty() {
            tracing::warn!("the events of a batch are no longer kept");
            return self.pass(&batch.ends).await;
        }
        self.send(&audience, Loaded { batch, events }).await
    }

    async fn send(&mut self, audience: &Audience, loaded: Loaded) -> Result<Option<Next>, Error> {
        let sender = &self.webhook.sender;
        if let Some(parking) = self.wait_for_slot(&audience.policy).await? {
            return Ok(Some(Next::Park(parking)));
        }
        if self.note(&audience.policy, &loaded.batch.ends).await? == Recorded::Stale {
            return Ok(Some(Next::Lost));
        }
        let events: Vec<&Event> = loaded.events.iter().collect();
        let first = self.reference_of(events[0]);
        let before = self.told_before(&loaded).await?;
        let number = self.next_number(&loaded.batch, &first, &before).await?;
        let parcel = Parcel {
            policy: &audience.policy,
            events: &events,
            id: first.id(),
            number,
            is_test: false,
        };
        let at = sender.clock.now();
        let deadline = sender.carrier.deadline(&audience.policy);
        let carried = sender
            .carrier
            .post(parcel, &audience.recipient, deadline, at);
        let Carried {
            outcome,
            retry_after,
        } = carried.await.map_err(Error::Carrier)?;
        let attempt = Attempt::new(parcel.number, at, sender.clock.now(), outcome);
        tracing::info!(
            delivery.id = %first.id(),
            attempt.number,
            events = events.len(),
            status = attempt.outcome.answer().map(|answer| answer.status),
            "a batch was sent"
        );
        if attempt.outcome.is_accepted() {
            self.record(audience, &loaded, attempt, &before).await?;
            return self.pass(&loaded.batch.ends).await;
        }
        let ends = &loaded.batch.ends;
        let noted = sender
            .store
            .note_failure(&self.lane, (&attempt, &first), ends);
        if noted.await? == Recorded::Stale {
            return Ok(Some(Next::Lost));
        }
        let spread = sender.random.spread();
        let retry = &audience.policy.retry;
        let wait = retry.next_wait_in_order(self.lane.failures + 1, spread, retry_after);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let longest = Keeping::longest_wait(sender.store.retention());
        let wait = wait.min(longest);
        self.refused(audience, &attempt, wait).await.map(Some)
    }

    /// How to wait for the next request, where the policy's pace allows none now.
    async fn wait_for_slot(&mut self, policy: &Policy) -> Result<Option<Parking>, Error> {
        let Some(pace) = policy.pace else {
            return Ok(None);
        };
        let sender = &self.webhook.sender;
        let now = sender.clock.now();
        if self.lane.slot.take().is_some_and(|slot| slot <= now) {
            return Ok(None);
        }
        let of = (policy.owner, policy.id);
        let reserved = sender.store.reserve(of, pace, 1, now).await?;
        Ok(match reserved.first() {
            Some(slot) => (*slot > now).then_some(Parking::Slot(*slot)),
            // Everything is reserved for a while; it asks again after that.
            None => Some(Parking::Until(now + MAX_RESERVED_AHEAD)),
        })
    }

    /// Notes a batch before it is sent: where its worker stops, what came meanwhile must not come
    /// under an id that the receiver knows. One of a single event is the same in any case.
    async fn note(&mut self, policy: &Policy, ends: &[BatchEnd]) -> Result<Recorded, Error> {
        if policy.dialect.batch().events == 1 || self.lane.batch == ends {
            return Ok(Recorded::Done);
        }
        let noted = self.webhook.sender.store.note_batch(&self.lane, ends);
        let noted = noted.await?;
        self.lane.batch = ends.to_vec();
        Ok(noted)
    }

    /// Records that the events of a batch have arrived; only then are the cursors moved, so that
    /// nothing is passed that looks as if it were on its way.
    async fn record(
        &self,
        audience: &Audience,
        loaded: &Loaded,
        attempt: Attempt,
        before: &Told,
    ) -> Result<(), Error> {
        let sender = &self.webhook.sender;
        let mut by = attempt;
        let mut arrived = Vec::with_capacity(loaded.events.len());
        for (index, event) in loaded.events.iter().enumerate() {
            let reference = self.reference_of(event);
            // The attempts that failed stand with the first.
            if index > 0 {
                let told = before.get(&reference.id());
                by.number = told.map_or(self.lane.failures, |told| told.attempts) + 1;
            }
            arrived.push(Delivery {
                reference,
                target: Some(audience.recipient.target.clone()),
                event_type: event.report.event_type.clone(),
                attempts: by.number,
                status: Status::Delivered { by: by.clone() },
            });
            // What the receiver said stands with the first.
            by.outcome = without_body(by.outcome);
        }
        let now = sender.clock.now();
        let recorded = sender.store.record_told_again(&arrived, before, now);
        Ok(recorded.await?)
    }

    /// What of a batch has a record: only where its lane was sent back.
    async fn told_before(&self, loaded: &Loaded) -> Result<Told, Error> {
        if !self.comes_again(&loaded.batch) {
            return Ok(Told::new());
        }
        let events = loaded.events.iter();
        let references: Vec<_> = events.map(|event| self.reference_of(event)).collect();
        Ok(self.webhook.sender.store.deliveries(&references).await?)
    }

    /// Whether some of a batch may have been told, or refused, before its lane was sent back.
    fn comes_again(&self, batch: &Batch) -> bool {
        let told_to = self.lane.told_to.unwrap_or(Place::FIRST);
        let is_before = |entry: &LogEntry| entry.place <= told_to;
        batch.entries.iter().any(is_before)
    }

    /// The number of the next attempt: where the lane was sent back, after all that are on record.
    async fn next_number(
        &self,
        batch: &Batch,
        first: &DeliveryRef,
        before: &Told,
    ) -> Result<u32, Error> {
        if !self.comes_again(batch) {
            return Ok(self.lane.failures + 1);
        }
        let store = &self.webhook.sender.store;
        let made = store.failed_attempts(first).await?;
        let numbers = made.iter().map(|made| made.number);
        let told = before.get(&first.id()).map_or(0, |told| told.attempts);
        Ok(numbers.fold(told, u32::max) + 1)
    }

    /// What follows from a refusal: the same batch later, or nothing until the recipient is revived.
    async fn refused(
        &mut self,
        audience: &Audience,
        attempt: &Attempt,
        wait: SignedDuration,
    ) -> Result<Next, Error> {
        self.keep_unread(Effort::WhileThereIsTime).await?;
        let sender = &self.webhook.sender;
        let now = sender.clock.now();
        let policy = (audience.policy.owner, audience.policy.id);
        let recipient = &audience.recipient;
        let suspends = sender.store.suspends(policy, recipient, &attempt.outcome);
        let Some(reason) = suspends.await? else {
            return Ok(Next::Park(Parking::Until(now + wait)));
        };
        let suspended = sender.store.suspend_there(policy, recipient, reason, now);
        match suspended.await? {
            Changed::Done(_) => {
                tracing::info!(?reason, "a recipient is suspended, and keeps its place");
            }
            Changed::NotFound => tracing::info!("the policy is deleted meanwhile"),
        }
        Ok(Next::Look(self.lane.keeping.next_look(now)))
    }

    fn reference_of(&self, event: &Event) -> DeliveryRef {
        self.lane.reference.delivery_of(event.reference.clone())
    }
}

fn without_body(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Accepted(Answer { status, .. }) => Outcome::Accepted(Answer {
            status,
            body: String::new(),
        }),
        other => other,
    }
}
