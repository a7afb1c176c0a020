//! The parts of the service put together, and one step of each: what the running service does in
//! a loop, and tests do by hand.

use crate::queue::{LocalQueue, Received};
use anyhow::Result;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use axum::Router;
use herald::{
    clock::Clock,
    destination::DestinationRules,
    operator::OperatorSecret,
    queue::{Queue, QueueName},
    random::Random,
    store::{Accounts, Store},
    vault::Vault,
};
use herald_api::Api;
use herald_fanout::Fanout;
use herald_timer::Timer;
use herald_webhook::{
    Webhook,
    client::{Client, Lookup},
};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Messages that a function is handed at a time, as on AWS.
pub const BATCH: usize = 10;

/// What a service is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Accounts and credentials.
    pub accounts: Accounts,
    /// What the operator presents, who makes them.
    pub operator_secret: Arc<dyn OperatorSecret>,
    /// Everything else that is kept.
    pub store: Store,
    /// The queues, where messages are received.
    pub queue: Arc<LocalQueue>,
    /// The same queues, where functions send to.
    pub sender: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Secrets.
    pub vault: Vault,
    /// Where webhooks may go.
    pub rules: DestinationRules,
    /// How host names are resolved.
    pub lookup: Arc<dyn Lookup>,
    /// The deadline of a webhook.
    pub deadline: Duration,
}

impl Parts {
    /// The API on these parts.
    #[must_use]
    pub fn api(&self) -> Api {
        Api {
            accounts: self.accounts.clone(),
            operator_secret: Arc::clone(&self.operator_secret),
            store: self.store.clone(),
            queue: Arc::clone(&self.sender),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            vault: self.vault.clone(),
            rules: self.rules.clone(),
        }
    }
}

/// The functions on their parts.
#[derive(Clone, Debug)]
pub struct Service {
    /// What they stand on.
    pub parts: Parts,
    fanout: Fanout,
    webhook: Webhook,
    timer: Timer,
}

impl Service {
    /// Puts the functions on their parts.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(parts: Parts) -> Result<Self> {
        let client = Client::new(
            parts.rules.clone(),
            Arc::clone(&parts.lookup),
            parts.deadline,
        )?;
        Ok(Self {
            fanout: Fanout {
                accounts: parts.accounts.clone(),
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
            },
            webhook: Webhook {
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
                random: Arc::clone(&parts.random),
                vault: parts.vault.clone(),
                client,
            },
            timer: Timer {
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
            },
            parts,
        })
    }

    /// The HTTP API.
    pub fn router(&self) -> Router {
        herald_api::router(self.parts.api())
    }

    /// Hands a batch of a queue's messages to their function, and deletes what it handled.
    /// Returns how many messages that were.
    ///
    /// # Errors
    /// Where the queue's file cannot be written.
    pub async fn step(&self, name: QueueName) -> Result<usize> {
        let received = self.parts.queue.receive(name, BATCH)?;
        if received.is_empty() {
            return Ok(0);
        }
        let failed: HashSet<String> = self
            .invoke(name, event(&received))
            .await
            .batch_item_failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect();
        for message in &received {
            if failed.contains(&message.id.to_string()) {
                self.parts.queue.fail(message)?;
            } else {
                self.parts.queue.delete(name, message)?;
            }
        }
        Ok(received.len())
    }

    /// Runs the function of a queue on an event.
    pub async fn invoke(&self, name: QueueName, event: SqsEvent) -> SqsBatchResponse {
        match name {
            QueueName::Events => self.fanout.handle(event).await,
            QueueName::Webhook => self.webhook.handle(event).await,
        }
    }

    /// Runs the timer once; returns how many deliveries it woke.
    ///
    /// # Errors
    /// Where the store or the queue does not answer.
    pub async fn tick(&self) -> Result<usize> {
        Ok(self.timer.run().await?)
    }
}

/// Messages as SQS hands them to a function.
fn event(received: &[Received]) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = received
        .iter()
        .map(|message| {
            let count = message.count.to_string();
            let mut record = SqsMessage::default();
            record.message_id = Some(message.id.to_string());
            record.body = Some(message.body.clone());
            record.attributes = [("ApproximateReceiveCount".to_owned(), count)].into();
            record
        })
        .collect();
    event
}
