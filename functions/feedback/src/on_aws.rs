//! The reader of bounces and complaints on AWS.

use crate::Feedback;
use herald::{
    aws::Aws, clock::SystemClock, queue::QueueName, random::SystemRandom, settings::SettingError,
};
use std::sync::Arc;

impl Feedback {
    /// The reader that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Self, SettingError> {
        Ok(Self {
            store: aws.store()?,
            queue: Arc::new(aws.queue(&[QueueName::Email])?),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        })
    }
}
