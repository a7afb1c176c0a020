//! The operator's secret in AWS Secrets Manager.
#![expect(
    clippy::disallowed_types,
    reason = "the owner of the Secrets Manager client"
)]

use super::{OperatorError, OperatorSecret};
use crate::{clock::Clock, secret::Secret};
use aws_sdk_secretsmanager::Client;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard};

/// How long the secret is believed to be what it was: the longest that a rotated one still opens.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(30);

/// A secret in Secrets Manager, read again when it was read too long ago.
#[derive(Debug)]
pub struct SecretsManager {
    client: Client,
    secret_id: String,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<Remembered>>,
}

/// A secret, and when it was read.
#[derive(Clone, Debug)]
struct Remembered {
    at: Timestamp,
    secret: Secret,
}

impl Remembered {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) < MAX_AGE
    }
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

    fn last(&self) -> MutexGuard<'_, Option<Remembered>> {
        self.last.lock().expect("no holder of this lock panics")
    }

    async fn fetch(&self, now: Timestamp) -> Result<Secret, OperatorError> {
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
        *self.last() = Some(Remembered {
            at: now,
            secret: secret.clone(),
        });
        Ok(secret)
    }
}

impl OperatorSecret for SecretsManager {
    fn read(&self) -> BoxFuture<'_, Result<Secret, OperatorError>> {
        Box::pin(async {
            let now = self.clock.now();
            let remembered = self.last().clone().filter(|last| last.is_fresh(now));
            match remembered {
                Some(remembered) => Ok(remembered.secret),
                None => self.fetch(now).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_believed_for_less_than_thirty_seconds() {
        let remembered = Remembered {
            at: Timestamp::UNIX_EPOCH,
            secret: Secret::new("s".to_owned()),
        };
        let after = |seconds| Timestamp::from_second(seconds).expect("an instant");
        assert!(remembered.is_fresh(after(0)) && remembered.is_fresh(after(29)));
        assert!(!remembered.is_fresh(after(30)));
    }
}
