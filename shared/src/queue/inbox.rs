//! What a queue hands to a function: records, taken one by one, so that a bad one fails alone.

use crate::error_chain::error_chain;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::{FutureExt, future::join_all};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::{error::Error, panic::AssertUnwindSafe, time::Duration};
use tokio::time::timeout;

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
    pub fn message<M: DeserializeOwned>(&self) -> Result<M, UnknownMessage> {
        serde_json::from_str(&self.body).map_err(|error| UnknownMessage {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
        })
    }
}

/// A body is none of this version's messages. It tells where, and not what stands there, which is
/// the customer's.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no message of this version: {category:?} error at line {line} column {column}")]
pub struct UnknownMessage {
    category: Category,
    line: usize,
    column: usize,
}

/// Why a record stays in its queue.
#[derive(Debug, thiserror::Error)]
pub enum RecordError<E: Error + 'static> {
    /// Its handling failed.
    #[error(transparent)]
    Failed(#[from] E),
    /// Its handling panicked.
    #[error("the handler panicked")]
    Panicked,
    /// Its handling took longer than an invocation can wait for.
    #[error("the handling took too long")]
    TooSlow,
}

/// Handles a record so that it fails alone, whatever becomes of it: the others of its batch are
/// answered for all the same.
///
/// * `limit`: how long it may take.
///
/// # Errors
/// Where it fails, panics or takes longer.
pub async fn alone<T, E: Error + 'static>(
    limit: Duration,
    handling: impl Future<Output = Result<T, E>>,
) -> Result<T, RecordError<E>> {
    match timeout(limit, AssertUnwindSafe(handling).catch_unwind()).await {
        Ok(Ok(done)) => Ok(done?),
        Ok(Err(_)) => Err(RecordError::Panicked),
        Err(_) => Err(RecordError::TooSlow),
    }
}

/// Handles each record of an invocation for itself, all at once.
///
/// * `limit`: how long one may take.
pub async fn handle_each<E: Error + 'static>(
    event: SqsEvent,
    limit: Duration,
    handle: impl AsyncFn(&Record) -> Result<(), E>,
) -> SqsBatchResponse {
    let handled = records(event).into_iter().map(async |record| {
        let result = alone(limit, handle(&record)).await;
        (record, result)
    });
    answer(join_all(handled).await)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fmt, future::pending};

    const LONG: Duration = Duration::from_secs(3_600);

    async fn handled(handling: impl Future<Output = Result<u8, fmt::Error>>) -> String {
        match alone(LONG, handling).await {
            Ok(done) => done.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn whatever_becomes_of_a_record_is_its_own_affair() {
        assert_eq!(handled(async { Ok(1) }).await, "1");
        assert_eq!(
            handled(async { Err(fmt::Error) }).await,
            fmt::Error.to_string()
        );
        assert_eq!(
            handled(async { panic!("a test's panic") }).await,
            "the handler panicked"
        );
        let slow = alone(Duration::ZERO, pending::<Result<u8, fmt::Error>>()).await;
        assert!(matches!(slow, Err(RecordError::TooSlow)));
    }

    #[test]
    fn what_cannot_be_read_is_told_without_what_stands_there() {
        let record = Record {
            id: "1".to_owned(),
            body: r#"{"fan_out":"private"}"#.to_owned(),
            received: 1,
        };
        let error = record.message::<crate::message::EventsMessage>();
        assert_eq!(
            error.expect_err("no message").to_string(),
            "no message of this version: Data error at line 1 column 20"
        );
    }
}
