//! The queue on SQS.
#![expect(clippy::disallowed_types, reason = "the owner of the SQS client")]

use super::{Outgoing, Queue, QueueError, QueueName, Reason};
use aws_sdk_sqs::{
    Client,
    error::BuildError,
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use std::collections::HashMap;

/// The most messages of one request.
const BATCH: usize = 10;

/// The most bytes of one request. SQS takes 1 MiB since 2025; 256 KiB is what every
/// SQS-compatible service takes.
const BATCH_BYTES: usize = 256 * 1024;

/// Requests under way at once.
const CONCURRENCY: usize = 8;

/// The most bytes of a message, its attributes included.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// The bytes of an attribute's name and type, generously.
const ATTRIBUTE_BYTES: usize = 64;

/// The attribute of a dead letter that says why it is one.
pub(super) const REASON: &str = "reason";

/// SQS, with a URL for each queue that the function may send to.
#[derive(Clone, Debug)]
pub struct Sqs {
    client: Client,
    urls: HashMap<QueueName, String>,
    dead_letters: Option<String>,
}

impl Sqs {
    /// The way to some queues.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, urls: HashMap<QueueName, String>) -> Self {
        Self {
            client: Client::new(config),
            urls,
            dead_letters: None,
        }
    }

    /// One that makes dead letters of producers' messages, too.
    #[must_use]
    pub fn with_dead_letters(mut self, url: String) -> Self {
        self.dead_letters = Some(url);
        self
    }

    async fn send_batch(&self, to: QueueName, batch: Vec<Outgoing>) -> Result<(), QueueError> {
        let url = self.urls.get(&to).ok_or_else(|| no_url(to))?;
        let entries = batch
            .into_iter()
            .enumerate()
            .map(|(index, message)| entry(index, message))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| QueueError::new(to, error))?;
        let answer = self
            .client
            .send_message_batch()
            .queue_url(url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| QueueError::new(to, error))?;
        match answer.failed.first() {
            None => Ok(()),
            Some(failed) => Err(QueueError::new(to, failed.code.clone())),
        }
    }

    async fn send_dead_letter(&self, body: String, reason: Reason) -> Result<(), QueueError> {
        let of = QueueName::Events;
        let url = self.dead_letters.as_ref().ok_or_else(|| no_url(of))?;
        let fits = body.len() + reason.as_str().len() + ATTRIBUTE_BYTES <= MAX_MESSAGE_BYTES;
        let reason = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(reason.as_str())
            .build()
            .map_err(|error| QueueError::new(of, error))?;
        let letter = self.client.send_message().queue_url(url).message_body(body);
        // Without room for the reason, the log has it.
        let letter = if fits {
            letter.message_attributes(REASON, reason)
        } else {
            letter
        };
        let sent = letter.send().await;
        sent.map_err(|error| QueueError::new(of, error)).map(|_| ())
    }
}

fn no_url(of: QueueName) -> QueueError {
    QueueError::new(of, "this function has no URL of it")
}

impl Queue for Sqs {
    fn send(
        &self,
        to: QueueName,
        messages: Vec<Outgoing>,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(async move {
            stream::iter(batches(messages))
                .map(|batch| self.send_batch(to, batch))
                .buffer_unordered(CONCURRENCY)
                .try_collect()
                .await
        })
    }

    fn bury(&self, body: String, reason: Reason) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(self.send_dead_letter(body, reason))
    }
}

fn entry(index: usize, message: Outgoing) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let seconds = message.delay.as_secs_f64().ceil();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 900, by the minimum"
    )]
    let seconds = seconds.min(super::MAX_DELAY.as_secs_f64()) as i32;
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(message.body)
        .set_delay_seconds((seconds > 0).then_some(seconds))
        .set_message_group_id(message.group)
        .build()
}

/// Cuts messages into requests of at most [`BATCH`] messages and [`BATCH_BYTES`] bytes.
fn batches(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<Vec<Outgoing>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && bytes + message.body.len() <= BATCH_BYTES => {
                bytes += message.body.len();
                batch.push(message);
            }
            _ => {
                bytes = message.body.len();
                batches.push(vec![message]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn of_size(bytes: usize) -> Outgoing {
        Outgoing {
            body: "x".repeat(bytes),
            delay: Duration::ZERO,
            group: None,
        }
    }

    fn sizes(messages: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let messages = messages.into_iter().map(of_size).collect();
        batches(messages).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_request_holds_ten_messages_and_no_more_bytes_than_sqs_takes() {
        assert!(sizes([]).is_empty());
        assert_eq!(sizes([1; 23]), [10, 10, 3]);
        assert_eq!(sizes([100 * 1024; 5]), [2, 2, 1]);
        assert_eq!(sizes([300 * 1024, 1]), [1, 1]);
    }

    #[test]
    fn delays_are_whole_seconds_up_to_fifteen_minutes() {
        for (delay, seconds) in [
            (0, None),
            (1, Some(1)),
            (1_001, Some(2)),
            (9_000_000, Some(900)),
        ] {
            let message = Outgoing {
                delay: Duration::from_millis(delay),
                ..of_size(1)
            };
            let entry = entry(0, message).expect("an entry");
            assert_eq!(entry.delay_seconds, seconds, "{delay}");
        }
    }
}
