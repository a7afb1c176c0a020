//! From an accepted event to one message per delivery; from what a producer inside AWS sent to an
//! accepted event; from what a deleted policy or a removed recipient left unfinished to cancelled
//! deliveries; from what was withheld, or is replayed, to attempts; and from a deleted account to
//! nothing. Every step may run twice, and goes on where an invocation stopped.

mod cancel;
mod chunk;
mod erase;
mod flush;
mod lanes;
mod on_aws;
mod produced;
mod replay;
mod sending;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use herald::{
    clock::Clock,
    event::EventRef,
    fields::Fields,
    message::{EventsMessage, FanOut, FanOutPosition, Version1},
    policy::HintKey,
    queue::{
        Queue, QueueError, QueueName, Reason,
        inbox::{self, Record, UnknownMessage},
    },
    store::{AcceptedEvent, Accounts, Store, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tracing::Instrument;

/// How many parts of a fan-out one message carries at most, before it hands over to another.
const CHUNKS_PER_MESSAGE: usize = 20;

/// How long the work for one message goes on before it hands over to another: a third of the
/// function's timeout.
const WORK: SignedDuration = SignedDuration::from_secs(10);

/// How long the handling of a message may take, less than the function's timeout: who takes longer
/// fails alone.
pub const RECORD_LIMIT: Duration = Duration::from_secs(25);

/// The fan-out.
#[derive(Clone, Debug)]
pub struct Fanout {
    /// Whose events producers send, and who is being erased.
    pub accounts: Accounts,
    /// Policies, manifests and deliveries.
    pub store: Store,
    /// Where the messages go.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A message could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum FanoutError {
    /// It is none that this version knows.
    #[error(transparent)]
    Message(#[from] UnknownMessage),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Fanout {
    /// Handles a batch of messages; those that fail stay in the queue.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        inbox::handle_each(event, RECORD_LIMIT, async |record| {
            self.handle_record(record).await
        })
        .await
    }

    async fn handle_record(&self, record: &Record) -> Result<(), FanoutError> {
        let fields = match Fields::parse(record.body.as_bytes()) {
            Ok(fields) => fields,
            Err(error) => return self.bury(record, &error.to_string()).await,
        };
        if EventsMessage::NAMES
            .into_iter()
            .any(|name| fields.has(name))
        {
            // Our own: where this version cannot read it, another that is being deployed can.
            self.handle_message(record.message()?).await
        } else {
            self.take_produced(record, &fields).await
        }
    }

    async fn handle_message(&self, message: EventsMessage) -> Result<(), FanoutError> {
        match message {
            EventsMessage::FanOut(FanOut { event, resume, .. }) => {
                let span = tracing::info_span!("fan out", event.id = %event.id);
                self.fan_out(event, resume).instrument(span).await
            }
            EventsMessage::CancelDeliveries(message) => {
                let span = tracing::info_span!("cancel deliveries", policy.id = %message.policy);
                self.cancel(message).instrument(span).await
            }
            EventsMessage::EraseAccount(message) => {
                let span = tracing::info_span!("erase", account.id = %message.account);
                self.erase(message).instrument(span).await
            }
            EventsMessage::FlushWithheld(message) => {
                let span = tracing::info_span!("flush", policy.id = %message.policy);
                self.flush(message).instrument(span).await
            }
            EventsMessage::ReplayDeliveries(message) => {
                let span = tracing::info_span!(
                    "replay",
                    policy.id = %message.policy,
                    replay.id = %message.replay,
                );
                self.replay(message).instrument(span).await
            }
        }
    }

    /// Makes a dead letter of a producer's message, and logs it, once, here. It is handled then:
    /// should it come again all the same, there are two letters.
    async fn bury(&self, record: &Record, reason: &str) -> Result<(), FanoutError> {
        let reason = Reason::new(reason);
        tracing::warn!(
            message.id = record.id,
            %reason,
            "a producer's message is not accepted and becomes a dead letter"
        );
        Ok(self.queue.bury(record.body.clone(), reason).await?)
    }

    /// Whether an invocation has worked so long that the rest is for another message.
    fn is_late(&self, started: Timestamp) -> bool {
        self.clock.now().duration_since(started) >= WORK
    }

    async fn fan_out(
        &self,
        reference: EventRef,
        resume: Option<FanOutPosition>,
    ) -> Result<(), FanoutError> {
        let found = self.store.kept_event(&reference).await?;
        let Some(mut accepted) = found else {
            tracing::warn!("an event was expired or erased before its fan-out");
            return Ok(());
        };
        if accepted.fanned_out {
            return Ok(());
        }
        let keys = keys_of(&accepted);
        let mut position = resume.unwrap_or_default();
        let started = self.clock.now();
        for _ in 0..CHUNKS_PER_MESSAGE {
            position = self.fan_out_chunk(&mut accepted, &keys, position).await?;
            if position.key >= keys.len() {
                let now = self.clock.now();
                if let Some(place) = accepted.event.place {
                    let marked = self
                        .store
                        .mark_entry_fanned_out(reference.tenant, place, now);
                    marked.await?;
                }
                self.store.mark_fanned_out(&reference, now).await?;
                tracing::info!(chunks = position.chunk, "an event was fanned out");
                return Ok(());
            }
            if self.is_late(started) {
                break;
            }
        }
        self.hand_over(EventsMessage::FanOut(FanOut {
            v: Version1,
            event: reference,
            resume: Some(position),
        }))
        .await
    }

    async fn hand_over(&self, rest: EventsMessage) -> Result<(), FanoutError> {
        let message = rest.outgoing();
        Ok(self.queue.send(QueueName::Events, vec![message]).await?)
    }
}

/// The keys under which the policies stand that may hear of an event.
fn keys_of(accepted: &AcceptedEvent) -> Vec<HintKey> {
    let event = &accepted.event;
    HintKey::of_event(
        event.reference.tenant,
        &accepted.ancestors,
        &event.report.event_type,
        &accepted.dialects,
    )
}
