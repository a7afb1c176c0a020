//! A webhook URL as its owner sent it.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// A webhook URL exactly as its owner sent it. Made by [`super::DestinationRules::parse`]; what comes
/// back from our own rows and messages is taken over as it is, and meets
/// [`super::DestinationRules::admit`] before every use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookUrl(pub(super) String);

impl WebhookUrl {
    /// The URL as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WebhookUrl {
    /// The host only: paths and queries may hold what nobody else should read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = Url::parse(&self.0)
            .ok()
            .and_then(|url| url.host_str().map(String::from));
        write!(f, "WebhookUrl({})", host.as_deref().unwrap_or("?"))
    }
}
