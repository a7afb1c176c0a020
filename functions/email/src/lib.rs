//! The sender of e-mails: makes one message for each recipient, and hands it to the mailer.

mod mail;
pub mod mailer;
mod on_aws;
pub mod ses;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use herald::{
    attempt::{Bounce, Outcome},
    email::EmailAddress,
    invoke::Call,
    mail_tags::MailTags,
    message::EmailMessage,
    name::Name,
    queue::inbox,
    recipient::Target,
    sender::{Carried, Carrier, Invocation, Load, Reply, Sender, SenderError},
    store::{Store, StoreError},
    unsubscribe::{self, UnsubscribeToken},
    vault::{Vault, VaultError},
};
use jiff::Timestamp;
use mail::{Content, Envelope, Unsendable};
use mailer::{Mailer, MailerError, OutgoingMail};
use std::{sync::Arc, time::Duration};
use url::Url;

/// The sender of e-mails.
#[derive(Clone, Debug)]
pub struct Email {
    /// Makes the attempts of deliveries.
    pub sender: Sender<MailCarrier>,
}

impl Email {
    /// Answers an invocation.
    ///
    /// # Errors
    /// Where a call fails. Records that fail are named in the answer.
    pub async fn answer(&self, invocation: Invocation) -> Result<Reply, SenderError<MailError>> {
        match invocation {
            Invocation::Queue(event) => Ok(Reply::Queue(self.handle(event).await)),
            Invocation::Call(Call::Test(test)) => Ok(Reply::Tested(self.sender.test(&test).await?)),
        }
    }

    /// Handles a batch of messages; those that fail stay in the queue.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let (mut deliveries, mut results) = (Vec::new(), Vec::new());
        for record in inbox::records(event) {
            match record.message() {
                Ok(EmailMessage::Deliver(message)) => deliveries.push((record, *message)),
                Err(error) => results.push((record, Err(SenderError::from(error).into()))),
            }
        }
        results.extend(self.sender.deliver(deliveries).await);
        inbox::answer(results)
    }
}

/// The way to mailboxes.
#[derive(Clone, Debug)]
pub struct MailCarrier {
    /// The suppression lists.
    pub store: Store,
    /// Signs the links to unsubscribe.
    pub vault: Vault,
    /// Takes the mails.
    pub mailer: Arc<dyn Mailer>,
    /// The address that mails come from; without one none is sent.
    pub from: Option<EmailAddress>,
    /// Where answers go, unless to that address.
    pub reply_to: Option<EmailAddress>,
    /// The name that mails bear.
    pub brand: Name,
    /// Where the world reaches the API.
    pub api_url: Url,
}

/// An attempt could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The suppression list could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The link to unsubscribe could not be signed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The mailer could not be reached.
    #[error(transparent)]
    Mailer(#[from] MailerError),
}

/// How long the handling of a message may take, less than the function's timeout.
pub const RECORD_LIMIT: Duration = Duration::from_secs(50);

/// What is told of an attempt where the deployment has no address that mails come from.
const NO_FROM: &str = "this deployment has no address that mails come from; MailFrom names one";

impl Carrier for MailCarrier {
    type Error = MailError;

    fn record_limit(&self) -> Duration {
        RECORD_LIMIT
    }

    async fn carry(&self, load: &Load<'_>, at: Timestamp) -> Result<Carried, MailError> {
        let unreachable = |error: &str| {
            let error = error.to_owned();
            Ok(Outcome::Unreachable { error }.into())
        };
        let Target::Address(to) = &load.recipient.target else {
            return unreachable("the recipient is no mailbox");
        };
        let Some(sender) = &self.from else {
            return unreachable(NO_FROM);
        };
        let owner = load.policy.owner;
        if let Some(suppression) = self.store.suppression(owner, to).await? {
            let error = format!("an earlier one did: {}", suppression.error);
            let bounce = Bounce::Hard;
            return Ok(Outcome::Bounced { bounce, error }.into());
        }
        let token = UnsubscribeToken {
            owner,
            policy: load.policy.id,
            recipient: load.recipient.id.clone(),
        };
        let token = token.sign(&self.vault).await?;
        let raw = match self.write(load, (sender, to), &token, at) {
            Ok(raw) => raw,
            Err(unsendable) => return unreachable(&unsendable.to_string()),
        };
        let mail = OutgoingMail {
            to: to.clone(),
            raw,
            tags: tags(load),
        };
        Ok(self.mailer.send(mail).await?.into())
    }
}

impl MailCarrier {
    /// The whole message.
    ///
    /// * `token`: what the link to unsubscribe is signed with.
    fn write(
        &self,
        load: &Load<'_>,
        (from, to): (&EmailAddress, &EmailAddress),
        token: &str,
        at: Timestamp,
    ) -> Result<Vec<u8>, Unsendable> {
        let event = load.event;
        let report = &event.report;
        let base = self.api_url.as_str().trim_end_matches('/');
        let account_id = event.reference.tenant.account.to_string();
        let account = event.account.name.as_ref().map(Name::as_str);
        let content = Content {
            brand: self.brand.as_str(),
            account: account.unwrap_or(&account_id),
            policy_name: load.policy.name.as_str(),
            event_type: report.event_type.as_str(),
            event_id: event.reference.id.as_str(),
            resource_type: report.resource_type.as_deref(),
            resource_id: report.resource_id.as_deref(),
            data: report.data.as_ref().map(|data| data.as_str()),
            occurred_at: event.occurred_at(),
            contact: load
                .policy
                .details
                .contact
                .as_ref()
                .map(EmailAddress::as_str),
            unsubscribe_url: &format!("{base}{}{token}", unsubscribe::PATH),
            is_test: load.is_test,
        };
        let envelope = Envelope {
            from: from.as_str(),
            reply_to: self.reply_to.as_ref().map(EmailAddress::as_str),
            to: to.as_str(),
            delivery_id: &load.delivery.id().to_string(),
            sent_at: at,
        };
        mail::write(&content, &envelope)
    }
}

/// By what the mail is known again when SES tells what became of it.
fn tags(load: &Load<'_>) -> Vec<(&'static str, String)> {
    let tags = MailTags {
        owner: load.policy.owner,
        policy: load.policy.id,
        recipient: load.recipient.id.clone(),
        delivery: load.delivery.id(),
        attempt: load.number,
    };
    tags.pairs(&load.event.report.event_type)
}
