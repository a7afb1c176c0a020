//! The timer on AWS.

use crate::Timer;
use herald::{aws::Aws, clock::SystemClock, queue::QueueName, settings::SettingError};
use std::sync::Arc;

impl Timer {
    /// The timer that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Self, SettingError> {
        Ok(Self {
            store: aws.store()?,
            queue: Arc::new(aws.queue(&[QueueName::Webhook, QueueName::Email])?),
            clock: Arc::new(SystemClock),
        })
    }
}
