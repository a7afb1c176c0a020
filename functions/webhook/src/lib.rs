//! The sender of webhooks: signs a body as the policy's dialect has it, and posts it.

pub mod client;
mod lanes;
mod on_aws;
mod probe;
mod request;
mod retry_after;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use client::Client;
use futures::future::{join3, try_join_all};
use herald::{
    attempt::Outcome,
    clock::Clock,
    dialect::{Dialect, Parcel},
    invoke::{Call, TEST_DEADLINE},
    keyring::Keyring,
    message::WebhookMessage,
    policy::Policy,
    queue::inbox::{self, Record},
    recipient::{Recipient, Target},
    sender::{Carried, Carrier, Handled, Invocation, Load, Reply, Sender, SenderError},
    vault::{Vault, VaultError},
};
use jiff::Timestamp;
use request::{SignedRequest, Vouchers};
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
        let (mut deliveries, mut wakes, mut probes) = (Vec::new(), Vec::new(), Vec::new());
        let mut results = Outcomes::new();
        for record in inbox::records(event) {
            match record.message() {
                Ok(WebhookMessage::Deliver(message)) => deliveries.push((record, *message)),
                Ok(WebhookMessage::Wake(wake)) => wakes.push((record, wake)),
                Ok(WebhookMessage::Probe(probe)) => probes.push((record, probe)),
                Err(error) => results.push((record, Err(SenderError::from(error).into()))),
            }
        }
        let delivering = self.sender.deliver(deliveries);
        let (delivered, woken, probed) =
            join3(delivering, self.wake(wakes), self.probe(probes)).await;
        results.extend(delivered);
        results.extend(woken);
        results.extend(probed);
        inbox::answer(results)
    }
}

/// The way to webhooks.
#[derive(Clone, Debug)]
pub struct WebhookCarrier {
    /// Opens the policies' secrets.
    pub vault: Vault,
    /// Opens the accounts' keys.
    pub keyring: Keyring,
    /// The time, to read what a receiver asks to wait.
    pub clock: Arc<dyn Clock>,
    /// The way to the world.
    pub client: Client,
    /// The most that a receiver has, whatever its policy's dialect says.
    pub longest: Duration,
}

/// An attempt could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A secret could not be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A policy for webhooks has no secret, or its account no key.
    #[error("the policy has no secret, or its account no key")]
    NoSecret,
}

/// How much longer than the receiver's deadline a message may take, for reading and recording.
const MARGIN: Duration = Duration::from_secs(9);

/// How much longer than the longest exchange with a receiver a wake-up may take: its work on the
/// lane before that, and the margin.
pub const BEYOND_EXCHANGE: Duration = lanes::WORK.saturating_add(MARGIN);

impl WebhookCarrier {
    /// Posts a parcel to a recipient.
    async fn post(
        &self,
        parcel: Parcel<'_>,
        to: &Recipient,
        deadline: Duration,
        at: Timestamp,
    ) -> Result<Carried, WebhookError> {
        let Target::Url(url) = &to.target else {
            let error = "the recipient is no webhook".to_owned();
            return Ok(Outcome::Unreachable { error }.into());
        };
        let request = self.request(parcel, at).await?;
        Ok(self.client.post(url, request, deadline, &*self.clock).await)
    }

    /// The request of an attempt: the dialect's envelope, the policy's own headers, and those that
    /// vouch for it.
    async fn request(
        &self,
        parcel: Parcel<'_>,
        at: Timestamp,
    ) -> Result<SignedRequest, WebhookError> {
        let policy = parcel.policy;
        let by = self.vouchers(policy, at).await?;
        let mut request = request::sign(parcel, &by, at).ok_or(WebhookError::NoSecret)?;
        let own = policy.headers(&self.vault).await?;
        let own = own
            .iter()
            .map(|(name, value)| (name.to_owned().into(), value.to_owned()));
        request.headers.extend(own);
        Ok(request)
    }

    /// What vouches for a policy's webhooks at an instant: its own secrets, or its account's key.
    async fn vouchers(&self, policy: &Policy, at: Timestamp) -> Result<Vouchers, WebhookError> {
        if policy.dialect.has_account_key() {
            let key = self.keyring.key(policy.owner, at).await?;
            let key = key.ok_or(WebhookError::NoSecret)?;
            return Ok(Vouchers {
                secrets: key.secrets,
                key: Some(key.id),
            });
        }
        let context = Policy::seal_context(policy.owner, policy.id);
        let counting = policy
            .secrets
            .iter()
            .flat_map(|secrets| secrets.counting(at));
        let opened = counting.map(|sealed| self.vault.open(&context, sealed));
        Ok(Vouchers {
            secrets: try_join_all(opened).await?,
            key: None,
        })
    }

    /// How long a policy's receivers have: what it asks for, within what its dialect says, or else
    /// the deployment gives.
    fn deadline(&self, policy: &Policy) -> Duration {
        let usual = policy.dialect.deadline();
        let usual = usual.unwrap_or_else(|| self.client.deadline());
        let asked = policy.details.timeout_seconds.map(Duration::from_secs);
        asked.unwrap_or(usual).min(usual).min(self.longest)
    }

    /// The longest that anybody's receivers have.
    fn longest_exchange(&self) -> Duration {
        let of_dialects = Dialect::ALL.into_iter().filter_map(Dialect::deadline);
        let most = of_dialects.fold(self.client.deadline(), Duration::max);
        most.min(self.longest)
    }
}

impl Carrier for WebhookCarrier {
    type Error = WebhookError;

    fn record_limit(&self) -> Duration {
        self.longest_exchange() + MARGIN
    }

    async fn carry(&self, load: &Load<'_>, at: Timestamp) -> Result<Carried, WebhookError> {
        let deadline = self.deadline(load.policy);
        let deadline = if load.is_test {
            deadline.min(TEST_DEADLINE)
        } else {
            deadline
        };
        let parcel = Parcel {
            policy: load.policy,
            events: &[load.event],
            id: load.delivery.id(),
            number: load.number,
            is_test: load.is_test,
        };
        self.post(parcel, load.recipient, deadline, at).await
    }
}
