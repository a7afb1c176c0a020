//! From a queue's dead letters back to the queue: what an operator does once the cause is mended.
//! SQS has a task of its own for this; this one says what it moves, and runs on every service
//! that speaks SQS.
#![expect(clippy::disallowed_types, reason = "an owner of the SQS client")]

use super::{DeadLetter, QueueName, Reason, sqs::REASON};
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName},
};
use jiff::Timestamp;
use std::error::Error;

/// Messages that are received at a time.
const BATCH: i32 = 10;

/// How long a received letter is invisible, in seconds: longer than it takes to move a batch.
const VISIBILITY: i32 = 60;

/// What AWS said.
type SqsError = Box<dyn Error + Send + Sync>;

/// A queue of a stack and its dead letters.
#[derive(Clone, Debug)]
pub struct Redrive {
    client: Client,
    from: String,
    to: String,
}

/// A dead letter as it was received.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The message.
    pub message: DeadLetter,
    /// When it was sent first.
    pub sent_at: Timestamp,
    /// Its id.
    pub id: String,
    receipt: String,
    group: Option<String>,
}

impl Redrive {
    /// The queue of a stack, whose queues are named `<stack>-<queue>` and
    /// `<stack>-<queue>-dead-letters`.
    ///
    /// # Errors
    /// Where there are no such queues.
    pub async fn of_stack(
        config: &aws_config::SdkConfig,
        stack: &str,
        queue: QueueName,
    ) -> Result<Self, SqsError> {
        let client = Client::new(config);
        let url = async |name: String| {
            let found = client.get_queue_url().queue_name(&name).send().await;
            found?.queue_url.ok_or_else(|| SqsError::from("no URL"))
        };
        Ok(Self {
            from: url(format!("{stack}-{queue}-dead-letters")).await?,
            to: url(format!("{stack}-{queue}")).await?,
            client,
        })
    }

    /// About how many letters there are.
    ///
    /// # Errors
    /// Where the queue does not answer.
    pub async fn count(&self) -> Result<u64, SqsError> {
        use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.from)
            .attribute_names(ApproximateNumberOfMessages)
            .send()
            .await?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = attributes.get(&ApproximateNumberOfMessages);
        Ok(count.map_or(Ok(0), |count| count.parse())?)
    }

    /// Receives some letters, which nobody else sees for a minute; none where none is left.
    ///
    /// # Errors
    /// Where the queue does not answer.
    pub async fn receive(&self) -> Result<Vec<Letter>, SqsError> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.from)
            .max_number_of_messages(BATCH)
            .visibility_timeout(VISIBILITY)
            .wait_time_seconds(1)
            .message_attribute_names(REASON)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .send()
            .await?;
        let messages = answer.messages.unwrap_or_default();
        messages.into_iter().map(letter).collect()
    }

    /// Moves a letter to its queue: sends it, then deletes it. A crash in between leaves both,
    /// which every handler takes.
    ///
    /// # Errors
    /// Where a queue does not answer.
    pub async fn move_back(&self, letter: &Letter) -> Result<(), SqsError> {
        self.client
            .send_message()
            .queue_url(&self.to)
            .message_body(&letter.message.body)
            .set_message_group_id(letter.group.clone())
            .send()
            .await?;
        self.client
            .delete_message()
            .queue_url(&self.from)
            .receipt_handle(&letter.receipt)
            .send()
            .await?;
        Ok(())
    }

    /// Leaves a letter where it is, for everybody to see.
    ///
    /// # Errors
    /// Where the queue does not answer.
    pub async fn leave(&self, letter: &Letter) -> Result<(), SqsError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.from)
            .receipt_handle(&letter.receipt)
            .visibility_timeout(0)
            .send()
            .await?;
        Ok(())
    }
}

fn letter(message: Message) -> Result<Letter, SqsError> {
    let system = message.attributes.unwrap_or_default();
    let sent_at = system
        .get(&MessageSystemAttributeName::SentTimestamp)
        .ok_or("a message without the time of its sending")?;
    let reason = message
        .message_attributes
        .and_then(|mut attributes| attributes.remove(REASON)?.string_value)
        .map(|text| Reason::new(&text));
    Ok(Letter {
        sent_at: Timestamp::from_millisecond(sent_at.parse()?)?,
        id: message.message_id.unwrap_or_default(),
        receipt: message
            .receipt_handle
            .ok_or("a message without a receipt")?,
        group: system
            .get(&MessageSystemAttributeName::MessageGroupId)
            .cloned(),
        message: DeadLetter {
            body: message.body.unwrap_or_default(),
            reason,
        },
    })
}
