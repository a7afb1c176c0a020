//! What a queue hands to a function: records, taken one by one, so that a bad one fails alone.

use super::{Queue, QueueError, QueueName, Reason};
use crate::error_chain::error_chain;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::de::DeserializeOwned;
use std::error::Error;

/// A message as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The queue's id of the message.
    pub id: String,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub received: u32,
}

impl Record {
    /// The message in the body.
    ///
    /// # Errors
    /// Where it is none of this version's messages.
    pub fn message<M: DeserializeOwned>(&self) -> Result<M, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// The records of an invocation.
#[must_use]
pub fn records(event: SqsEvent) -> Vec<Record> {
    let received = |attributes: &std::collections::HashMap<String, String>| {
        attributes
            .get("ApproximateReceiveCount")
            .and_then(|count| count.parse().ok())
            .unwrap_or(1)
    };
    event
        .records
        .into_iter()
        .map(|message| Record {
            received: received(&message.attributes),
            id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        })
        .collect()
}

/// Makes a dead letter of a record that is not accepted as it is, and logs it, once, here. It is
/// handled then: should it come again all the same, there are two letters.
///
/// # Errors
/// Where the queue of dead letters does not take it: the record must stay.
pub async fn bury(
    queue: &dyn Queue,
    of: QueueName,
    record: &Record,
    reason: &str,
) -> Result<(), QueueError> {
    let reason = Reason::new(reason);
    tracing::warn!(
        message.id = record.id,
        %reason,
        "a message is not accepted and becomes a dead letter"
    );
    queue.bury(of, record.body.clone(), reason).await
}

/// The answer that keeps the failed records in the queue, each logged once, here.
#[must_use]
pub fn answer<E: Error>(
    results: impl IntoIterator<Item = (Record, Result<(), E>)>,
) -> SqsBatchResponse {
    let mut answer = SqsBatchResponse::default();
    for (record, result) in results {
        if let Err(error) = result {
            tracing::error!(
                message.id = record.id,
                message.received = record.received,
                error = error_chain(&error),
                "a message could not be handled and stays in its queue"
            );
            answer.add_failure(record.id);
        }
    }
    answer
}
