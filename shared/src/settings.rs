//! What a deployment decides: environment variables, read here and nowhere else, once at start.

use crate::{destination::parse_network, email::EmailAddress, invalid::Invalid, name::Name};
use ipnet::IpNet;
use std::{fmt, str::FromStr, sync::Arc, time::Duration};
use url::Url;

/// The variable that names the table for accounts and credentials.
pub const ACCOUNTS_TABLE: &str = "HERALD_ACCOUNTS_TABLE";
/// The variable that names the table for everything else.
pub const DATA_TABLE: &str = "HERALD_DATA_TABLE";
/// The variable with the URL of the queue of accepted events.
pub const EVENTS_QUEUE_URL: &str = "HERALD_EVENTS_QUEUE_URL";
/// The variable with the URL of that queue's dead letters.
pub const EVENTS_DEAD_LETTERS_URL: &str = "HERALD_EVENTS_DEAD_LETTERS_URL";
/// The variable with the URL of the queue of webhook deliveries.
pub const WEBHOOK_QUEUE_URL: &str = "HERALD_WEBHOOK_QUEUE_URL";
/// The variable with the URL of the queue of deliveries to mailboxes.
pub const EMAIL_QUEUE_URL: &str = "HERALD_EMAIL_QUEUE_URL";
/// The variable with the URL of the queue of bounces and complaints, which SES fills.
pub const FEEDBACK_QUEUE_URL: &str = "HERALD_FEEDBACK_QUEUE_URL";
/// The variable with the name of the function that sends webhooks.
pub const WEBHOOK_FUNCTION: &str = "HERALD_WEBHOOK_FUNCTION";
/// The variable with the name of the function that sends mails.
pub const EMAIL_FUNCTION: &str = "HERALD_EMAIL_FUNCTION";
/// The variable with the URL at which the world reaches the API.
pub const API_URL: &str = "HERALD_API_URL";
/// The variable with the name that mails and pages bear: "Herald" by default.
pub const MAIL_BRAND: &str = "HERALD_MAIL_BRAND";
/// The variable with the address that mails come from; without it none is sent.
pub const MAIL_FROM: &str = "HERALD_MAIL_FROM";
/// The variable with the address that answers to mails go to; by default that which they come from.
pub const MAIL_REPLY_TO: &str = "HERALD_MAIL_REPLY_TO";
/// The variable with the name of SES's configuration set that mails are sent with.
pub const MAIL_CONFIGURATION_SET: &str = "HERALD_MAIL_CONFIGURATION_SET";
/// The variable with the id or ARN of the KMS key that wraps the data key.
pub const KEY_ID: &str = "HERALD_KEY_ID";
/// The variable with the name or ARN of the operator's secret.
pub const OPERATOR_SECRET_ID: &str = "HERALD_OPERATOR_SECRET_ID";
/// The variable with the days that events, deliveries and attempts are kept after they ended: 7 to
/// 3650, 30 by default.
pub const RETENTION_DAYS: &str = "HERALD_RETENTION_DAYS";
/// The variable with the seconds that a receiver has for the whole exchange: 1 to 60, 15 by
/// default.
pub const WEBHOOK_TIMEOUT: &str = "HERALD_WEBHOOK_TIMEOUT";
/// The variable with the networks beyond the public internet that webhooks may go to, by literal
/// addresses: ranges in CIDR notation, separated by commas; none by default.
pub const ALLOWED_NETWORKS: &str = "HERALD_ALLOWED_NETWORKS";

/// The deadline over the whole exchange with a receiver, unless a setting says otherwise.
pub const DEFAULT_WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// The name that mails and pages bear, unless a setting says otherwise.
pub const DEFAULT_MAIL_BRAND: &str = "Herald";

/// The seconds that the deadline may be.
pub const WEBHOOK_TIMEOUT_RANGE: (u64, u64) = (1, 60);

/// How long what has ended is kept, unless a setting says otherwise.
pub const DEFAULT_RETENTION: Duration = days(30);

/// The days that what has ended may be kept.
pub const RETENTION_DAYS_RANGE: (u64, u64) = (7, 3_650);

/// A setting is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {rule}")]
pub struct SettingError {
    name: &'static str,
    rule: String,
}

/// Where settings come from: the value of a name, if it has one.
#[derive(Clone)]
pub struct Settings(Arc<dyn Fn(&'static str) -> Option<String> + Send + Sync>);

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}

impl Settings {
    /// Settings from a function of their names.
    pub fn new(lookup: impl Fn(&'static str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The environment of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one owner of the environment"
    )]
    pub fn from_environment() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// The text of a setting that has no default.
    ///
    /// # Errors
    /// Where it is missing or empty.
    pub fn required(&self, name: &'static str) -> Result<String, SettingError> {
        self.optional(name).ok_or_else(|| SettingError {
            name,
            rule: "must be set".to_owned(),
        })
    }

    /// How long what has ended is kept.
    ///
    /// # Errors
    /// Where the setting is not a number of days in its range.
    pub fn retention(&self) -> Result<Duration, SettingError> {
        let days_set = self.number(RETENTION_DAYS, RETENTION_DAYS_RANGE)?;
        Ok(days_set.map_or(DEFAULT_RETENTION, days))
    }

    /// The deadline over the whole exchange with a receiver.
    ///
    /// # Errors
    /// Where the setting is not a number of seconds in its range.
    pub fn webhook_timeout(&self) -> Result<Duration, SettingError> {
        let seconds = self.number(WEBHOOK_TIMEOUT, WEBHOOK_TIMEOUT_RANGE)?;
        Ok(seconds.map_or(DEFAULT_WEBHOOK_TIMEOUT, Duration::from_secs))
    }

    /// The networks beyond the public internet that webhooks may go to.
    ///
    /// # Errors
    /// Where one is no range and no address.
    pub fn allowed_networks(&self) -> Result<Vec<IpNet>, SettingError> {
        let text = self.optional(ALLOWED_NETWORKS).unwrap_or_default();
        let range = |range: &str| {
            parse_network(range).map_err(|_| SettingError {
                name: ALLOWED_NETWORKS,
                rule: format!("must hold ranges like 10.0.0.0/8, and not {range:?}"),
            })
        };
        text.split(',')
            .map(str::trim)
            .filter(|range| !range.is_empty())
            .map(range)
            .collect()
    }

    /// The name that mails and pages bear.
    ///
    /// # Errors
    /// Where it breaks the rule for names.
    pub fn mail_brand(&self) -> Result<Name, SettingError> {
        let text = self.optional(MAIL_BRAND);
        Self::read(MAIL_BRAND, text.as_deref().unwrap_or(DEFAULT_MAIL_BRAND))
    }

    /// The URL at which the world reaches the API.
    ///
    /// # Errors
    /// Where it is missing, or no URL.
    pub fn api_url(&self) -> Result<Url, SettingError> {
        let text = self.required(API_URL)?;
        Url::parse(&text).map_err(|error| SettingError {
            name: API_URL,
            rule: format!("must be a URL: {error}"),
        })
    }

    /// An e-mail address, where the setting has one.
    ///
    /// # Errors
    /// Where it has something else.
    pub fn address(&self, name: &'static str) -> Result<Option<EmailAddress>, SettingError> {
        let text = self.optional(name);
        text.map(|text| Self::read(name, &text)).transpose()
    }

    fn read<T: FromStr<Err = Invalid>>(name: &'static str, text: &str) -> Result<T, SettingError> {
        text.parse().map_err(|rule: Invalid| SettingError {
            name,
            rule: rule.to_string(),
        })
    }

    /// The text of a setting, where it has one.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn number(
        &self,
        name: &'static str,
        (from, to): (u64, u64),
    ) -> Result<Option<u64>, SettingError> {
        let Some(text) = self.optional(name) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        match number.filter(|number| (from..=to).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(SettingError {
                name,
                rule: format!("must be a whole number from {from} to {to}"),
            }),
        }
    }
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &'static str) -> Settings {
        Settings::new(move |_| Some(value.to_owned()))
    }

    #[test]
    fn what_is_missing_has_its_default_or_is_named() {
        let none = Settings::new(|_| None);
        assert_eq!(none.retention().expect("days"), DEFAULT_RETENTION);
        let timeout = none.webhook_timeout();
        assert_eq!(timeout.expect("seconds"), DEFAULT_WEBHOOK_TIMEOUT);
        assert_eq!(none.allowed_networks().expect("ranges"), []);
        let error = none.required(DATA_TABLE).expect_err("no name");
        assert_eq!(
            error.to_string(),
            "the environment variable HERALD_DATA_TABLE must be set"
        );
    }

    #[test]
    fn numbers_keep_their_range() {
        assert_eq!(with("7").retention().expect("days"), days(7));
        for wrong in ["6", "3651", "7.5", "x", "-7"] {
            assert!(with(wrong).retention().is_err(), "{wrong}");
        }
        for wrong in ["0", "61"] {
            assert!(with(wrong).webhook_timeout().is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_are_ranges_and_addresses() {
        let ranges = with("10.0.0.0/8, 127.0.0.1,fd00::/8,").allowed_networks();
        let ranges: Vec<_> = ranges
            .expect("ranges")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(ranges, ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]);
        for wrong in ["10.0.0.0/33", "example.com", "*"] {
            assert!(with(wrong).allowed_networks().is_err(), "{wrong}");
        }
    }
}
