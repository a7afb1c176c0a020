//! The sender of e-mails on AWS.

use crate::{Email, MailCarrier, ses::Ses};
use herald::{
    aws::Aws,
    clock::SystemClock,
    queue::QueueName,
    random::SystemRandom,
    sender::Sender,
    settings::{self, SettingError},
};
use std::sync::Arc;

impl MailCarrier {
    /// The sender that the settings describe.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    pub fn on_aws(aws: &Aws) -> Result<Email, SettingError> {
        let store = aws.store()?;
        let settings = &aws.settings;
        let configuration_set = settings.optional(settings::MAIL_CONFIGURATION_SET);
        let sender = Sender {
            carrier: Self {
                vault: aws.vault(&store)?,
                store: store.clone(),
                mailer: Arc::new(Ses::new(aws.config(), configuration_set)),
                from: settings.address(settings::MAIL_FROM)?,
                reply_to: settings.address(settings::MAIL_REPLY_TO)?,
                brand: settings.mail_brand()?,
                api_url: settings.api_url()?,
            },
            store,
            queue: Arc::new(aws.queue(&[QueueName::Email])?),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        Ok(Email { sender })
    }
}
