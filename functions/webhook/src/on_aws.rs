//! The sender of webhooks on AWS.

use crate::{
    Webhook,
    client::{Client, SystemLookup},
};
use herald::{aws::Aws, clock::SystemClock, queue::QueueName, random::SystemRandom};
use std::{error::Error, sync::Arc};

impl Webhook {
    /// The sender that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong, or TLS cannot be set up.
    pub fn on_aws(aws: &Aws) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let store = aws.store()?;
        let deadline = aws.settings.webhook_timeout()?;
        Ok(Self {
            vault: aws.vault(&store)?,
            store,
            queue: Arc::new(aws.queue(&[QueueName::Webhook])?),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            client: Client::new(aws.rules()?, Arc::new(SystemLookup), deadline)?,
        })
    }
}
