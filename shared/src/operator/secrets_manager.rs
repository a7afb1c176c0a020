//! The operator's secret in AWS Secrets Manager.
#![expect(
    clippy::disallowed_types,
    reason = "the owner of the Secrets Manager client"
)]

use super::{Operator, OperatorError};
use crate::{clock::Clock, secret::Secret};
use aws_sdk_secretsmanager::Client;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};

/// How long the secret is believed to be what it was: the longest that a rotated one still opens.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(30);

/// A secret in Secrets Manager, read again when it was read too long ago.
#[derive(Debug)]
pub struct SecretsManager {
    client: Client,
    secret_id: String,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Timestamp, Secret)>>,
}

impl SecretsManager {
    /// The secret with an ARN or a name.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Client::new(config),
            secret_id,
            clock,
            last: Mutex::default(),
        }
    }

    fn known(&self, now: Timestamp) -> Option<Secret> {
        let last = self.last.lock().expect("no holder of this lock panics");
        let (read_at, secret) = last.as_ref()?;
        (now.duration_since(*read_at) < MAX_AGE).then(|| secret.clone())
    }

    async fn read(&self, now: Timestamp) -> Result<Secret, OperatorError> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.secret_id)
            .send()
            .await
            .map_err(OperatorError::new)?;
        let secret = answer
            .secret_string
            .filter(|text| !text.is_empty())
            .map(Secret::new)
            .ok_or_else(|| OperatorError::new("the secret holds no text"))?;
        let mut last = self.last.lock().expect("no holder of this lock panics");
        *last = Some((now, secret.clone()));
        Ok(secret)
    }
}

impl Operator for SecretsManager {
    fn secret(&self) -> BoxFuture<'_, Result<Secret, OperatorError>> {
        Box::pin(async {
            let now = self.clock.now();
            match self.known(now) {
                Some(secret) => Ok(secret),
                None => self.read(now).await,
            }
        })
    }
}
