//! What sends deliveries, whatever the channel: a batch of messages is read in one request, sent
//! side by side, and its successes are recorded in one request; only a failure costs more.

mod carrier;
mod decision;
mod invocation;
mod pacing;
mod settling;

pub use carrier::{Carried, Carrier, Load};
pub use decision::Unreadable;
use decision::{Assignment, Step, decide};
pub use invocation::{Invocation, Reply};
use pacing::Slots;

use crate::{
    attempt::Attempt,
    clock::Clock,
    delivery::Delivery,
    delivery_id::DeliveryId,
    message::Deliver,
    queue::{
        Queue, QueueError,
        inbox::{self, Record, RecordError, UnknownMessage},
    },
    random::Random,
    recipient::{Recipient, SuspensionReason},
    store::{Changed, DeliveryRead, Recorded, Store, StoreError},
};
use futures::future::join_all;
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};
use tracing::Instrument;

/// The sender of a channel.
#[derive(Clone, Debug)]
pub struct Sender<C> {
    /// Policies, events, deliveries.
    pub store: Store,
    /// Where wake-ups go.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For jitter.
    pub random: Arc<dyn Random>,
    /// The way to the recipients.
    pub carrier: C,
}

/// A message could not be handled: our own fault, never the receiver's.
#[derive(Debug, thiserror::Error)]
pub enum SenderError<E: Error + 'static> {
    /// The message is none that this version knows.
    #[error(transparent)]
    Message(#[from] UnknownMessage),
    /// The whole batch could not be read or recorded.
    #[error("the batch failed")]
    Batch(#[source] Arc<StoreError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A row that it needs cannot be read.
    #[error("a row cannot be read")]
    Unreadable(#[from] Unreadable),
    /// The attempt could not be made.
    #[error(transparent)]
    Carrier(E),
}

/// What is left to do for a message: to record a delivery that has arrived, together with the
/// others that did.
type Arrived = Option<Box<Delivery>>;

/// What became of a message.
pub type Handled<E> = Result<(), RecordError<SenderError<E>>>;

impl<C: Carrier> Sender<C> {
    /// Handles messages about attempts, those of the oldest events first. Of several about one
    /// delivery, the latest attempt stands for all.
    pub async fn deliver(
        &self,
        messages: impl IntoIterator<Item = (Record, Deliver)>,
    ) -> Vec<(Record, Handled<C::Error>)> {
        let mut latest: BTreeMap<DeliveryId, (Record, Deliver)> = BTreeMap::new();
        for (record, message) in messages {
            let id = message.reference.id();
            let kept = latest.get(&id);
            if kept.is_none_or(|(_, kept)| message.attempt > kept.attempt) {
                latest.insert(id, (record, message));
            }
        }
        Box::pin(self.deliver_latest(latest.into_values().collect())).await
    }

    async fn deliver_latest(
        &self,
        messages: Vec<(Record, Deliver)>,
    ) -> Vec<(Record, Handled<C::Error>)> {
        let read = match self.read(&messages).await {
            Ok(read) => read,
            Err(error) => return fail_all(messages.into_iter().map(|(record, _)| record), error),
        };
        let slots = self.slots(&messages, &read).await;
        let attempts = messages.into_iter().map(async |(record, message)| {
            let span = tracing::info_span!(
                "deliver",
                event.id = %message.reference.event.id,
                delivery.id = %message.reference.id(),
                policy.id = %message.reference.policy,
                attempt.number = message.attempt,
            );
            let handling = self.handle_message(message, record.received, &read, &slots);
            let limit = self.carrier.record_limit();
            let done = inbox::alone(limit, handling.instrument(span));
            (record, done.await)
        });
        let mut results = Vec::new();
        let (mut arrived, mut arrived_records) = (Vec::new(), Vec::new());
        for (record, done) in join_all(attempts).await {
            match done {
                Ok(Some(delivery)) => {
                    arrived.push(*delivery);
                    arrived_records.push(record);
                }
                Ok(None) => results.push((record, Ok(()))),
                Err(error) => results.push((record, Err(error))),
            }
        }
        match self
            .store
            .record_delivered(&arrived, self.clock.now())
            .await
        {
            Ok(()) => results.extend(arrived_records.into_iter().map(|record| (record, Ok(())))),
            Err(error) => results.extend(fail_all(arrived_records, error)),
        }
        results
    }

    async fn read(&self, messages: &[(Record, Deliver)]) -> Result<DeliveryRead, StoreError> {
        if messages.is_empty() {
            return Ok(DeliveryRead::default());
        }
        let references = messages.iter().map(|(_, message)| &message.reference);
        let not_inline = messages
            .iter()
            .filter(|(_, message)| message.event.is_none())
            .map(|(_, message)| &message.reference.event);
        self.store.read_for_attempts(references, not_inline).await
    }

    async fn handle_message(
        &self,
        message: Deliver,
        received: u32,
        read: &DeliveryRead,
        slots: &Slots,
    ) -> Result<Arrived, SenderError<C::Error>> {
        let now = self.clock.now();
        match decide(&message, received, read, now)? {
            Step::Drop(reason) => tracing::info!(reason, "a message was dropped"),
            Step::LeaveToLog(place) => self.leave_to_log(&message.reference, place).await?,
            Step::Move { from, to } => {
                let moved = self.store.move_delivery(&from, to, now).await?;
                tracing::info!(?moved, "a delivery ended without an attempt");
            }
            Step::Start(delivery) => self.start_ended(&delivery, now).await?,
            Step::WakeAgain(delivery) => self.wake(&delivery).await?,
            Step::Withhold { from, to } => self.withhold(from.as_ref(), &to, now).await?,
            Step::Send(assignment) => {
                let slot = slots.get(&message.reference.id());
                return Box::pin(self.send_in_slot(message, *assignment, slot, read)).await;
            }
        }
        Ok(None)
    }

    async fn send(&self, assignment: Assignment<'_>) -> Result<Arrived, SenderError<C::Error>> {
        let Assignment {
            event,
            delivery,
            policy,
            recipient,
            number,
        } = assignment;
        let load = Load {
            event: &event,
            delivery: &delivery.reference,
            policy,
            recipient,
            number,
            is_test: false,
        };
        let (attempt, asked) = self.attempt(&load).await?;
        let kept_until = event.reference.accepted_at + self.store.retention();
        let kept = kept_until.duration_since(self.clock.now());
        let kept = Duration::try_from(kept).unwrap_or_default();
        let retry_after = asked.map(|asked| asked.min(policy.retry.longest_asked(number, kept)));
        let of = (policy.owner, policy.id);
        let suspends = self.store.suspends(of, recipient, &attempt.outcome).await?;
        let spread = self.random.spread();
        let wait = |made| policy.retry.next_wait(made, spread, retry_after);
        let after = delivery.after(attempt.clone(), suspends, wait);
        if attempt.outcome.is_accepted() {
            return Ok(Some(Box::new(after)));
        }
        let suspension = suspends.map(|reason| (recipient, reason));
        self.record_failure(&attempt, &after, suspension).await?;
        Ok(None)
    }

    /// Makes an attempt, and records nothing. With it comes how long the other side asked to wait.
    async fn attempt(
        &self,
        load: &Load<'_>,
    ) -> Result<(Attempt, Option<Duration>), SenderError<C::Error>> {
        let at = self.clock.now();
        let carried = self.carrier.carry(load, at).await;
        let Carried {
            outcome,
            retry_after,
        } = carried.map_err(SenderError::Carrier)?;
        let attempt = Attempt::new(load.number, at, self.clock.now(), outcome);
        tracing::info!(
            status = attempt.outcome.answer().map(|answer| answer.status),
            duration_ms = attempt.duration_ms,
            "an attempt was made"
        );
        Ok((attempt, retry_after))
    }

    /// Records a failed attempt, then enqueues the next: a crash in between is mended when the
    /// message comes again, or by the timer.
    async fn record_failure(
        &self,
        attempt: &Attempt,
        after: &Delivery,
        suspension: Option<(&Recipient, SuspensionReason)>,
    ) -> Result<(), SenderError<C::Error>> {
        let now = self.clock.now();
        match self
            .store
            .record_failed_attempt(attempt, after, now)
            .await?
        {
            Recorded::Done => {}
            Recorded::Stale => {
                tracing::info!("the delivery moved on while an attempt was made");
                return Ok(());
            }
        }
        if let Some((recipient, reason)) = suspension {
            let policy = (after.reference.owner, after.reference.policy);
            let suspended = self.store.suspend_there(policy, recipient, reason, now);
            match suspended.await? {
                Changed::Done(_) => tracing::info!(?reason, "a recipient is suspended"),
                Changed::NotFound => tracing::info!(?reason, "the policy is deleted meanwhile"),
            }
        }
        self.wake(after).await
    }

    /// Enqueues the next attempt of a waiting delivery, if the queue can hold it so long.
    async fn wake(&self, delivery: &Delivery) -> Result<(), SenderError<C::Error>> {
        if let Some(next) = Deliver::wake(delivery, self.clock.now()) {
            self.queue.send(delivery.queue(), vec![next]).await?;
        }
        Ok(())
    }
}

fn fail_all<E: Error>(
    records: impl IntoIterator<Item = Record>,
    error: StoreError,
) -> Vec<(Record, Handled<E>)> {
    let error = Arc::new(error);
    records
        .into_iter()
        .map(|record| {
            let failed = SenderError::Batch(Arc::clone(&error));
            (record, Err(failed.into()))
        })
        .collect()
}
