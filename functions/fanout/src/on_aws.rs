//! The fan-out on AWS.

use crate::Fanout;
use herald::{aws::Aws, clock::SystemClock, queue::QueueName, settings::SettingError};
use std::sync::Arc;

impl Fanout {
    /// The fan-out that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Self, SettingError> {
        Ok(Self {
            accounts: aws.accounts()?,
            store: aws.store()?,
            queue: aws.queue(&QueueName::ALL, &[QueueName::Events])?,
            clock: Arc::new(SystemClock),
        })
    }
}
