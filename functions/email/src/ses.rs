//! Mails through SES (`SendEmail` of its API, version 2).
#![expect(clippy::disallowed_types, reason = "the owner of the SES client")]

use crate::mailer::{Mailer, MailerError, OutgoingMail};
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_sesv2::{
    Client,
    config::{
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction},
    },
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    primitives::Blob,
    types::{Destination, EmailContent, MessageTag, RawMessage},
};
use futures::future::BoxFuture;
use herald::{
    attempt::{Answer, Outcome},
    error_chain::error_chain,
};
use std::time::Duration;

/// How long SES has for a mail: more than for other requests, since nobody knows of one without an
/// answer whether it was sent. Less than a test delivery's caller waits.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long it has with the repetitions of what it refused: so much that beside it the other requests of
/// an attempt, each of which may hang, fit into [`crate::RECORD_LIMIT`].
const TIMEOUT_IN_ALL: Duration = Duration::from_secs(24);

/// Has the SDK send again only what was answered, and so refused.
#[derive(Debug)]
struct OnlyAnswered;

impl ClassifyRetry for OnlyAnswered {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            Some(Err(error)) if !error.is_operation_error() => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "only what was answered"
    }
}

/// SES, with the configuration set that mails are sent with.
#[derive(Clone, Debug)]
pub struct Ses {
    client: Client,
    configuration_set: Option<String>,
}

impl Ses {
    /// A mailer.
    #[must_use]
    pub fn new(config: &SdkConfig, configuration_set: Option<String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(TIMEOUT)
            .operation_timeout(TIMEOUT_IN_ALL)
            .build();
        let config = aws_sdk_sesv2::config::Builder::from(config)
            .timeout_config(timeouts)
            .retry_classifier(OnlyAnswered)
            .build();
        Self {
            client: Client::from_conf(config),
            configuration_set,
        }
    }

    /// The SDK tries again, with back-off, where SES has no room for the moment; where that does
    /// not help, the delivery waits for its next attempt. Where no answer comes, its message comes again.
    async fn hand_over(&self, mail: OutgoingMail) -> Result<Outcome, MailerError> {
        let tags = tags(&mail.tags).map_err(MailerError::new)?;
        let content = content(mail.raw).map_err(MailerError::new)?;
        let to = Destination::builder().to_addresses(mail.to.as_str());
        // Who writes stands in the message alone: a `FromEmailAddress` would replace the address,
        // and the name with it.
        let sent = self
            .client
            .send_email()
            .destination(to.build())
            .content(content)
            .set_email_tags(Some(tags))
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await;
        match sent {
            Ok(taken) => Ok(Answer {
                status: 200,
                body: taken.message_id.unwrap_or_default(),
            }
            .into()),
            Err(error) => refusal(&error).ok_or_else(|| MailerError::new(error)),
        }
    }
}

impl Mailer for Ses {
    fn send(&self, mail: OutgoingMail) -> BoxFuture<'_, Result<Outcome, MailerError>> {
        Box::pin(self.hand_over(mail))
    }
}

fn content(raw: Vec<u8>) -> Result<EmailContent, BuildError> {
    let raw = RawMessage::builder().data(Blob::new(raw)).build()?;
    Ok(EmailContent::builder().raw(raw).build())
}

fn tags(pairs: &[(&'static str, String)]) -> Result<Vec<MessageTag>, BuildError> {
    let tag =
        |(name, value): &(&str, String)| MessageTag::builder().name(*name).value(value).build();
    pairs.iter().map(tag).collect()
}

/// A sentence without the addresses in it: logs hold none.
fn without_addresses(sentence: &str) -> String {
    let words = sentence.split_whitespace();
    let shown = words.map(|word| if word.contains('@') { "…" } else { word });
    shown.collect::<Vec<_>>().join(" ")
}

/// What SES answered in the place of taking the mail: status and code. Its sentence stays here: it
/// may hold addresses, and names of the AWS account.
fn refusal(error: &SdkError<SendEmailError>) -> Option<Outcome> {
    let response = error.raw_response()?;
    let code = error.code().unwrap_or("unknown").to_owned();
    let status = response.status().as_u16();
    tracing::warn!(status, code, "SES refused a mail");
    let said = without_addresses(&error_chain(error));
    tracing::debug!(said, "what SES said of it");
    Some(Answer { status, body: code }.into())
}
