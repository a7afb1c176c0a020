//! The fan-out on AWS.

use crate::Fanout;
use herald::{
    aws::Aws,
    clock::SystemClock,
    queue::QueueName,
    settings::{self, SettingError},
};
use std::sync::Arc;

impl Fanout {
    /// The fan-out that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Self, SettingError> {
        let dead_letters = aws.settings.required(settings::EVENTS_DEAD_LETTERS_URL)?;
        Ok(Self {
            accounts: aws.accounts()?,
            store: aws.store()?,
            queue: Arc::new(
                aws.queue(&[QueueName::Events, QueueName::Webhook, QueueName::Email])?
                    .with_dead_letters(dead_letters),
            ),
            clock: Arc::new(SystemClock),
        })
    }
}
