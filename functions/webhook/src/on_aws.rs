//! The sender of webhooks on AWS.

use crate::{
    Webhook, WebhookCarrier,
    client::{Client, SystemLookup},
};
use herald::{
    aws::Aws, clock::SystemClock, keyring::Keyring, queue::QueueName, random::SystemRandom,
    sender::Sender, settings::WEBHOOK_TIMEOUT_RANGE,
};
use std::{error::Error, sync::Arc, time::Duration};

impl WebhookCarrier {
    /// The sender that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong, or TLS cannot be set up.
    pub fn on_aws(aws: &Aws) -> Result<Webhook, Box<dyn Error + Send + Sync>> {
        let store = aws.store()?;
        let deadline = aws.settings.webhook_timeout()?;
        let clock = Arc::new(SystemClock);
        let vault = aws.vault(&store)?;
        let sender = Sender {
            carrier: Self {
                keyring: Keyring::new(store.clone(), vault.clone()),
                vault,
                clock: clock.clone(),
                client: Client::new(aws.rules()?, Arc::new(SystemLookup), deadline)?,
                longest: Duration::from_secs(WEBHOOK_TIMEOUT_RANGE.1),
            },
            store,
            queue: Arc::new(aws.queue(&[QueueName::Webhook, QueueName::Events])?),
            clock,
            random: Arc::new(SystemRandom),
        };
        Ok(Webhook { sender })
    }
}
