//! The parts on AWS, as the settings name them: what each function is built from.

use crate::{
    clock::Clock,
    destination::DestinationRules,
    invoke::lambda::Lambda,
    operator::{OperatorSecret, secrets_manager::SecretsManager},
    queue::{QueueName, sqs::Sqs},
    random::SystemRandom,
    settings::{self, SettingError, Settings},
    store::{Accounts, Store},
    vault::{Vault, kms::Kms},
};
use aws_config::{AppName, BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use std::{sync::Arc, time::Duration};

/// How long one request to AWS may take, so that one that hangs does not take an invocation with
/// it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long it may take with its repetitions.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// The AWS account, region and AWS credentials that a function runs with, and its settings.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    /// What the deployment decided.
    pub settings: Settings,
}

impl Aws {
    /// Reads them from where Lambda puts them.
    ///
    /// * `name`: what the requests say of who makes them, in CloudTrail and to proxies: the user
    ///   agent has `app/<name>`.
    ///
    /// # Panics
    /// Where the name holds what no user agent can.
    pub async fn load(name: &'static str) -> Self {
        let client = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .app_name(AppName::new(name).expect("a function's name is a token"))
            .http_client(client)
            .timeout_config(timeouts)
            .load()
            .await;
        Self::new(config, Settings::from_environment())
    }

    /// Takes them over as they are.
    #[must_use]
    pub const fn new(config: SdkConfig, settings: Settings) -> Self {
        Self { config, settings }
    }

    /// What SDK clients are made from.
    #[must_use]
    pub const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The store.
    ///
    /// # Errors
    /// Where a setting is missing or wrong.
    #[expect(clippy::disallowed_types, reason = "hands the client to the store")]
    pub fn store(&self) -> Result<Store, SettingError> {
        let client = aws_sdk_dynamodb::Client::new(&self.config);
        let table = self.settings.required(settings::DATA_TABLE)?;
        Ok(Store::new(&client, table, self.settings.retention()?))
    }

    /// Accounts and credentials.
    ///
    /// # Errors
    /// Where the table's setting is missing.
    #[expect(clippy::disallowed_types, reason = "hands the client to the accounts")]
    pub fn accounts(&self) -> Result<Accounts, SettingError> {
        let client = aws_sdk_dynamodb::Client::new(&self.config);
        let table = self.settings.required(settings::ACCOUNTS_TABLE)?;
        Ok(Accounts::new(&client, table))
    }

    /// The queues that the function sends to.
    ///
    /// # Errors
    /// Where a queue's setting is missing.
    pub fn queue(&self, sends: &[QueueName]) -> Result<Sqs, SettingError> {
        let url = |name: &QueueName| {
            let setting = match name {
                QueueName::Events => settings::EVENTS_QUEUE_URL,
                QueueName::Webhook => settings::WEBHOOK_QUEUE_URL,
                QueueName::Email => settings::EMAIL_QUEUE_URL,
                QueueName::Feedback => settings::FEEDBACK_QUEUE_URL,
            };
            Ok((*name, self.settings.required(setting)?))
        };
        let urls = sends.iter().map(url).collect::<Result<_, _>>()?;
        Ok(Sqs::new(&self.config, urls))
    }

    /// The vault.
    ///
    /// # Errors
    /// Where the key's setting is missing.
    pub fn vault(&self, store: &Store) -> Result<Vault, SettingError> {
        let keys = Kms::new(&self.config, self.settings.required(settings::KEY_ID)?);
        Ok(Vault::new(
            store.clone(),
            Arc::new(keys),
            Arc::new(SystemRandom),
        ))
    }

    /// The operator.
    ///
    /// # Errors
    /// Where the secret's setting is missing.
    pub fn operator_secret(
        &self,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn OperatorSecret>, SettingError> {
        let secret = self.settings.required(settings::OPERATOR_SECRET_ID)?;
        Ok(Arc::new(SecretsManager::new(&self.config, secret, clock)))
    }

    /// The way to call the senders.
    ///
    /// # Errors
    /// Where the name of one is missing.
    pub fn lambda(&self) -> Result<Lambda, SettingError> {
        let webhook = self.settings.required(settings::WEBHOOK_FUNCTION)?;
        let email = self.settings.required(settings::EMAIL_FUNCTION)?;
        Ok(Lambda::new(&self.config, webhook, email))
    }

    /// Where webhooks may go.
    ///
    /// # Errors
    /// Where a network is none.
    pub fn rules(&self) -> Result<DestinationRules, SettingError> {
        Ok(DestinationRules::strict().allow(self.settings.allowed_networks()?))
    }
}
