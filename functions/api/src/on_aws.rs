//! The API on AWS.

use crate::{Api, RateLimit};
use ::herald::{
    aws::Aws, clock::SystemClock, queue::QueueName, random::SystemRandom, settings::SettingError,
};
use std::sync::Arc;

impl Api {
    /// The API that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Self, SettingError> {
        let store = aws.store()?;
        Ok(Self {
            accounts: aws.accounts()?,
            operator_secret: aws.operator_secret(Arc::new(SystemClock))?,
            vault: aws.vault(&store)?,
            store,
            queue: Arc::new(aws.queue(&[
                QueueName::Events,
                QueueName::Webhook,
                QueueName::Email,
            ])?),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            rules: aws.rules()?,
            invoke: Arc::new(aws.lambda()?),
            webhook_timeout: aws.settings.webhook_timeout()?,
            brand: aws.settings.mail_brand()?,
            rate_limit: RateLimit::default(),
        })
    }
}
