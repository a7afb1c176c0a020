//! The parts of the service put together, and one step of each: what the running service does in
//! a loop, and tests do by hand.

use crate::queue::{LocalQueue, Received};
use anyhow::Result;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use axum::Router;
use futures::future::BoxFuture;
use herald::{
    clock::Clock,
    destination::DestinationRules,
    email::EmailAddress,
    error_chain::error_chain,
    invoke::{Invoke, InvokeError, TestDelivery, Tested},
    keyring::Keyring,
    name::Name,
    operator::OperatorSecret,
    queue::{Queue, QueueName},
    random::Random,
    recipient::Channel,
    sender::Sender,
    settings,
    store::{Accounts, Store},
    vault::Vault,
};
use herald_api::{Api, RateLimit};
use herald_email::{Email, MailCarrier, mailer::Mailer};
use herald_fanout::Fanout;
use herald_feedback::Feedback;
use herald_timer::Timer;
use herald_webhook::{
    Webhook, WebhookCarrier,
    client::{Client, Lookup},
};
use std::{collections::HashSet, error::Error, sync::Arc, time::Duration};
use url::Url;

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
    /// The most that a receiver has, whatever its policy's dialect says.
    pub longest: Duration,
    /// Where mails go.
    pub mailer: Arc<dyn Mailer>,
    /// The address that they come from; without one none is sent.
    pub mail_from: Option<EmailAddress>,
    /// The name that mails and pages bear.
    pub brand: Name,
    /// Where the API is reached.
    pub api_url: Url,
}

/// The senders, called while somebody waits.
#[derive(Clone, Debug)]
struct Senders {
    webhook: Webhook,
    email: Email,
}

impl Invoke for Senders {
    fn test(&self, by: Channel, test: TestDelivery) -> BoxFuture<'_, Result<Tested, InvokeError>> {
        Box::pin(async move {
            let failed = |error: &(dyn Error + 'static)| InvokeError::new(by, error_chain(error));
            match by {
                Channel::Webhook => self
                    .webhook
                    .sender
                    .test(&test)
                    .await
                    .map_err(|error| failed(&error)),
                Channel::Email => self
                    .email
                    .sender
                    .test(&test)
                    .await
                    .map_err(|error| failed(&error)),
            }
        })
    }
}

/// The functions on their parts.
#[derive(Clone, Debug)]
pub struct Service {
    /// What they stand on.
    pub parts: Parts,
    /// The HTTP API.
    pub api: Api,
    fanout: Fanout,
    senders: Senders,
    timer: Timer,
    feedback: Feedback,
}

impl Service {
    /// Puts the functions on their parts.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(parts: Parts) -> Result<Self> {
        let senders = Senders {
            webhook: webhook(&parts)?,
            email: email(&parts),
        };
        Ok(Self {
            api: api(&parts, Arc::new(senders.clone())),
            fanout: Fanout {
                accounts: parts.accounts.clone(),
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
            },
            timer: Timer {
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
            },
            feedback: Feedback {
                store: parts.store.clone(),
                queue: Arc::clone(&parts.sender),
                clock: Arc::clone(&parts.clock),
                random: Arc::clone(&parts.random),
            },
            senders,
            parts,
        })
    }

    /// The routes of the HTTP API.
    pub fn router(&self) -> Router {
        herald_api::router(self.api.clone())
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
            QueueName::Webhook => self.senders.webhook.handle(event).await,
            QueueName::Email => self.senders.email.handle(event).await,
            QueueName::Feedback => self.feedback.handle(event).await,
        }
    }

    /// Runs the timer once; returns how many deliveries and lanes it woke.
    ///
    /// # Errors
    /// Where the store or the queue does not answer.
    pub async fn tick(&self) -> Result<usize> {
        Ok(self.timer.run().await?)
    }
}

fn api(parts: &Parts, invoke: Arc<dyn Invoke>) -> Api {
    Api {
        accounts: parts.accounts.clone(),
        operator_secret: Arc::clone(&parts.operator_secret),
        store: parts.store.clone(),
        queue: Arc::clone(&parts.sender),
        clock: Arc::clone(&parts.clock),
        random: Arc::clone(&parts.random),
        vault: parts.vault.clone(),
        rules: parts.rules.clone(),
        invoke,
        webhook_timeout: parts.deadline.max(settings::DEFAULT_WEBHOOK_TIMEOUT),
        brand: parts.brand.clone(),
        rate_limit: RateLimit::default(),
    }
}

fn webhook(parts: &Parts) -> Result<Webhook> {
    let lookup = Arc::clone(&parts.lookup);
    let client = Client::new(parts.rules.clone(), lookup, parts.deadline)?;
    let sender = Sender {
        store: parts.store.clone(),
        queue: Arc::clone(&parts.sender),
        clock: Arc::clone(&parts.clock),
        random: Arc::clone(&parts.random),
        carrier: WebhookCarrier {
            keyring: Keyring::new(parts.store.clone(), parts.vault.clone()),
            vault: parts.vault.clone(),
            clock: Arc::clone(&parts.clock),
            client,
            longest: parts.longest,
        },
    };
    Ok(Webhook { sender })
}

fn email(parts: &Parts) -> Email {
    let sender = Sender {
        store: parts.store.clone(),
        queue: Arc::clone(&parts.sender),
        clock: Arc::clone(&parts.clock),
        random: Arc::clone(&parts.random),
        carrier: MailCarrier {
            store: parts.store.clone(),
            vault: parts.vault.clone(),
            mailer: Arc::clone(&parts.mailer),
            from: parts.mail_from.clone(),
            reply_to: None,
            brand: parts.brand.clone(),
            api_url: parts.api_url.clone(),
        },
    };
    Email { sender }
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
