//! From an accepted event to one message per delivery; and from what a deleted policy or a removed
//! recipient left unfinished to cancelled deliveries. Every step may run twice, and goes on where an
//! invocation stopped.

mod cancel;
mod chunk;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::join_all;
use herald::{
    clock::Clock,
    message::{EventsMessage, FanOut, Version1},
    policy::MatchKey,
    queue::{
        Queue, QueueError, QueueName,
        inbox::{self, Record},
    },
    store::{AcceptedEvent, Store, StoreError},
};
use std::sync::Arc;
use tracing::Instrument;

/// How many parts of a fan-out one message carries at most, before it hands over to another.
const CHUNKS_PER_MESSAGE: usize = 20;

/// The fan-out.
#[derive(Clone, Debug)]
pub struct Fanout {
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
    #[error("the message cannot be read")]
    Message(#[from] serde_json::Error),
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
        let records = inbox::records(event);
        let results = join_all(records.into_iter().map(async |record| {
            let result = self.handle_record(&record).await;
            (record, result)
        }));
        inbox::answer(results.await)
    }

    async fn handle_record(&self, record: &Record) -> Result<(), FanoutError> {
        match record.message()? {
            EventsMessage::FanOut(message) => {
                let span = tracing::info_span!("fan out", event.id = %message.event.id);
                self.fan_out(message).instrument(span).await
            }
            EventsMessage::CancelDeliveries(message) => {
                let span = tracing::info_span!("cancel deliveries", policy.id = %message.policy);
                self.cancel(message).instrument(span).await
            }
        }
    }

    async fn fan_out(&self, message: FanOut) -> Result<(), FanoutError> {
        let reference = message.event;
        let Some(AcceptedEvent { event, fanned_out }) =
            self.store.event(reference.tenant, &reference.id).await?
        else {
            tracing::warn!("an event was expired or erased before its fan-out");
            return Ok(());
        };
        if fanned_out {
            return Ok(());
        }
        let keys = MatchKey::of_event_type(&event.report.event_type);
        let mut position = message.resume.unwrap_or_default();
        for _ in 0..CHUNKS_PER_MESSAGE {
            position = self.fan_out_chunk(&event, &keys, position).await?;
            if position.key >= keys.len() {
                let now = self.clock.now();
                let withheld = position.withheld;
                self.store
                    .mark_fanned_out(&event.reference, withheld, now)
                    .await?;
                tracing::info!(chunks = position.chunk, "an event was fanned out");
                return Ok(());
            }
        }
        self.hand_over(FanOut {
            v: Version1,
            event: event.reference,
            resume: Some(position),
        })
        .await
    }

    async fn hand_over(&self, rest: FanOut) -> Result<(), FanoutError> {
        let message = EventsMessage::FanOut(rest).outgoing();
        Ok(self.queue.send(QueueName::Events, vec![message]).await?)
    }
}
