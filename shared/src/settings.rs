//! What a deployment decides: environment variables, read here and nowhere else, once at start.

use std::time::Duration;

/// Name of the table for accounts and credentials.
pub const ACCOUNTS_TABLE: &str = "HERALD_ACCOUNTS_TABLE";
/// Name of the table for everything else.
pub const DATA_TABLE: &str = "HERALD_DATA_TABLE";
/// URL of the queue of accepted events.
pub const EVENTS_QUEUE_URL: &str = "HERALD_EVENTS_QUEUE_URL";
/// URL of the queue of webhook deliveries.
pub const WEBHOOK_QUEUE_URL: &str = "HERALD_WEBHOOK_QUEUE_URL";
/// Id or ARN of the KMS key that wraps the data key.
pub const KEY_ID: &str = "HERALD_KEY_ID";
/// Days that events, deliveries and attempts are kept after they ended: 7 to 3650, 30 by default.
pub const RETENTION_DAYS: &str = "HERALD_RETENTION_DAYS";
/// Seconds that a receiver has for the whole exchange: 1 to 60, 15 by default.
pub const WEBHOOK_TIMEOUT: &str = "HERALD_WEBHOOK_TIMEOUT";

/// The deadline over the whole exchange with a receiver, unless a setting says otherwise.
pub const DEFAULT_WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);

/// How long what has ended is kept, unless a setting says otherwise.
pub const DEFAULT_RETENTION: Duration = days(30);

/// A setting is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {name} {rule}")]
pub struct SettingError {
    name: &'static str,
    rule: String,
}

/// The text of a setting that has no default.
///
/// # Errors
/// Where it is missing or empty.
#[expect(
    clippy::disallowed_methods,
    reason = "the one owner of the environment"
)]
pub fn required(name: &'static str) -> Result<String, SettingError> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| SettingError {
            name,
            rule: "must be set".to_owned(),
        })
}

/// How long what has ended is kept.
///
/// # Errors
/// Where the setting is not a number of days in its range.
pub fn retention() -> Result<Duration, SettingError> {
    number(RETENTION_DAYS, 30, 7, 3_650).map(days)
}

/// The deadline over the whole exchange with a receiver.
///
/// # Errors
/// Where the setting is not a number of seconds in its range.
pub fn webhook_timeout() -> Result<Duration, SettingError> {
    let default = DEFAULT_WEBHOOK_TIMEOUT.as_secs();
    number(WEBHOOK_TIMEOUT, default, 1, 60).map(Duration::from_secs)
}

fn number(name: &'static str, default: u64, from: u64, to: u64) -> Result<u64, SettingError> {
    let Ok(text) = required(name) else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|value| (from..=to).contains(value))
        .ok_or_else(|| SettingError {
            name,
            rule: format!("must be a whole number from {from} to {to}"),
        })
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}
