//! Synchronous calls on Lambda.
#![expect(clippy::disallowed_types, reason = "the owner of the Lambda client")]

use super::{Call, Invoke, InvokeError, TestDelivery, Tested};
use crate::recipient::Channel;
use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_lambda::{Client, primitives::Blob};
use futures::future::BoxFuture;
use std::{error::Error, time::Duration};

/// How long the answer may take: the receiver's deadline, a cold start, and reading.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Lambda, with the name of each sender's function.
#[derive(Clone, Debug)]
pub struct Lambda {
    client: Client,
    webhook: String,
    email: String,
}

impl Lambda {
    /// A caller of two functions.
    #[must_use]
    pub fn new(config: &SdkConfig, webhook: String, email: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(TIMEOUT)
            .operation_timeout(TIMEOUT)
            .build();
        let config = aws_sdk_lambda::config::Builder::from(config)
            .timeout_config(timeouts)
            // A second call would send twice.
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            webhook,
            email,
        }
    }

    async fn call(&self, by: Channel, call: &Call) -> Result<Tested, Box<dyn Error + Send + Sync>> {
        let function = match by {
            Channel::Webhook => &self.webhook,
            Channel::Email => &self.email,
        };
        let payload = serde_json::to_vec(call)?;
        let answer = self
            .client
            .invoke()
            .function_name(function)
            .payload(Blob::new(payload))
            .send()
            .await?;
        // What the function failed with stands in its own log.
        if let Some(kind) = answer.function_error {
            return Err(kind.into());
        }
        let payload = answer.payload.ok_or("no payload")?;
        Ok(serde_json::from_slice(payload.as_ref())?)
    }
}

impl Invoke for Lambda {
    fn test(&self, by: Channel, test: TestDelivery) -> BoxFuture<'_, Result<Tested, InvokeError>> {
        Box::pin(async move {
            let call = Call::Test(Box::new(test));
            let answered = self.call(by, &call).await;
            answered.map_err(|error| InvokeError::new(by, error))
        })
    }
}
