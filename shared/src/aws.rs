//! The parts on AWS, as the settings name them: what each function's `main` is built from.

use crate::{
    queue::{Queue, QueueName, sqs::Sqs},
    random::SystemRandom,
    settings::{self, SettingError},
    store::Store,
    vault::{Vault, kms::Kms},
};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use std::sync::Arc;

/// The account, region and credentials that the function runs with.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads them from where Lambda puts them.
    pub async fn load() -> Self {
        let client = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(client)
            .load()
            .await;
        Self(config)
    }

    /// The store.
    ///
    /// # Errors
    /// Where a table's setting is missing.
    #[expect(clippy::disallowed_types, reason = "hands the client to the store")]
    pub fn store(&self) -> Result<Store, SettingError> {
        let client = aws_sdk_dynamodb::Client::new(&self.0);
        let accounts = settings::required(settings::ACCOUNTS_TABLE)?;
        let data = settings::required(settings::DATA_TABLE)?;
        Ok(Store::new(&client, accounts, data, settings::retention()?))
    }

    /// The queues that the function sends to.
    ///
    /// # Errors
    /// Where a queue's setting is missing.
    pub fn queue(&self, names: &[QueueName]) -> Result<Arc<dyn Queue>, SettingError> {
        let url = |name: &QueueName| {
            let setting = match name {
                QueueName::Events => settings::EVENTS_QUEUE_URL,
                QueueName::Webhook => settings::WEBHOOK_QUEUE_URL,
            };
            Ok((*name, settings::required(setting)?))
        };
        let urls = names.iter().map(url).collect::<Result<_, _>>()?;
        Ok(Arc::new(Sqs::new(&self.0, urls)))
    }

    /// The vault.
    ///
    /// # Errors
    /// Where the key's setting is missing.
    pub fn vault(&self, store: &Store) -> Result<Vault, SettingError> {
        let keys = Kms::new(&self.0, settings::required(settings::KEY_ID)?);
        Ok(Vault::new(
            store.clone(),
            Arc::new(keys),
            Arc::new(SystemRandom),
        ))
    }
}
