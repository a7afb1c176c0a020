//! The sender of webhooks: signs a body as the policy's dialect has it, and posts it.

pub mod client;
mod on_aws;
mod probe;
mod request;
mod retry_after;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use client::Client;
use futures::future::{join, try_join_all};
use herald::{
    attempt::Outcome,
    clock::Clock,
    invoke::{Call, TEST_DEADLINE},
    message::WebhookMessage,
    policy::Policy,
    queue::inbox::{self, Record},
    recipient::Target,
    secret::Secret,
    sender::{Carried, Carrier, Handled, Invocation, Load, Reply, Sender, SenderError},
    vault::{Vault, VaultError},
};
use jiff::Timestamp;
use request::SignedRequest;
use std::{sync::Arc, time::Duration};

/// The sender of webhooks.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Makes the attempts of deliveries.
    pub sender: Sender<WebhookCarrier>,
}

/// What became of a message.
type Outcomes = Vec<(Record, Handled<WebhookError>)>;

impl Webhook {
    /// Answers an invocation.
    ///
    /// # Errors
    /// Where a call fails. Records that fail are named in the answer.
    pub async fn answer(&self, invocation: Invocation) -> Result<Reply, SenderError<WebhookError>> {
        match invocation {
            Invocation::Queue(event) => Ok(Reply::Queue(self.handle(event).await)),
            Invocation::Call(Call::Test(test)) => Ok(Reply::Tested(self.sender.test(&test).await?)),
        }
    }

    /// Handles a batch of messages; those that fail stay in the queue.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let (mut deliveries, mut results) = (Vec::new(), Outcomes::new());
        let mut probes = Vec::new();
        for record in inbox::records(event) {
            match record.message() {
                Ok(WebhookMessage::Deliver(message)) => deliveries.push((record, *message)),
                Ok(WebhookMessage::Probe(message)) => probes.push((record, message)),
                Ok(WebhookMessage::Wake(_)) => todo!(),
                Err(error) => results.push((record, Err(SenderError::from(error).into()))),
            }
        }
        let (delivered, probed) = join(self.sender.deliver(deliveries), self.probe(probes)).await;
        results.extend(delivered);
        results.extend(probed);
        inbox::answer(results)
    }
}

/// The way to webhooks.
#[derive(Clone, Debug)]
pub struct WebhookCarrier {
    /// Opens the policies' secrets.
    pub vault: Vault,
    /// The time, to read what a receiver asks to wait.
    pub clock: Arc<dyn Clock>,
    /// The way to the world.
    pub client: Client,
}

/// An attempt could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A secret could not be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A policy for webhooks has no secret.
    #[error("the policy has no secret")]
    NoSecret,
}

/// How much longer than the receiver's deadline a message may take: what the function's timeout is
/// longer, less a second.
const MARGIN: Duration = Duration::from_secs(9);

impl WebhookCarrier {
    /// The request of an attempt: the dialect's envelope, the policy's own headers, and those that
    /// vouch for it.
    async fn request(&self, load: &Load<'_>, at: Timestamp) -> Result<SignedRequest, WebhookError> {
        let policy = load.policy;
        let secrets = self.secrets(policy, at).await?;
        let mut request = request::sign(load, &secrets, at).ok_or(WebhookError::NoSecret)?;
        let own = policy.headers(&self.vault).await?;
        let own = own
            .iter()
            .map(|(name, value)| (name.to_owned().into(), value.to_owned()));
        request.headers.extend(own);
        Ok(request)
    }

    /// The secrets that count at an instant, the newest first.
    async fn secrets(&self, policy: &Policy, at: Timestamp) -> Result<Vec<Secret>, WebhookError> {
        let place = Policy::secret_place(policy.owner, policy.id);
        let counting = policy
            .secrets
            .iter()
            .flat_map(|secrets| secrets.counting(at));
        let opened = counting.map(|sealed| self.vault.open(&place, sealed));
        Ok(try_join_all(opened).await?)
    }

    /// How long the receiver has.
    fn deadline(&self, load: &Load<'_>) -> Duration {
        let most = self.client.deadline();
        let asked = load.policy.details.timeout_seconds;
        let deadline = asked.map_or(most, |seconds| most.min(Duration::from_secs(seconds)));
        if load.is_test {
            deadline.min(TEST_DEADLINE)
        } else {
            deadline
        }
    }
}

impl Carrier for WebhookCarrier {
    type Error = WebhookError;

    fn record_limit(&self) -> Duration {
        self.client.deadline() + MARGIN
    }

    async fn carry(&self, load: &Load<'_>, at: Timestamp) -> Result<Carried, WebhookError> {
        let Target::Url(url) = &load.recipient.target else {
            let error = "the recipient is no webhook".to_owned();
            return Ok(Outcome::Unreachable { error }.into());
        };
        let request = self.request(load, at).await?;
        let deadline = self.deadline(load);
        Ok(self.client.post(url, request, deadline, &*self.clock).await)
    }
}
