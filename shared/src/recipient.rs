//! Who is told: a webhook URL or an e-mail address of a policy.

use crate::{
    destination::{DestinationRules, WebhookUrl},
    email::EmailAddress,
    id::RecipientId,
    invalid::Invalid,
    queue::QueueName,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How a policy's recipients are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// `POST` to a URL.
    Webhook,
    /// A message to an e-mail address.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Webhook, Self::Email];

    /// The channel of a delivery to a target. Where its recipient was gone when it was made, any
    /// sender finds that out.
    #[must_use]
    pub fn of(target: Option<&Target>) -> Self {
        target.map_or(Self::Webhook, Target::channel)
    }

    /// The queue of its deliveries.
    #[must_use]
    pub const fn queue(self) -> QueueName {
        match self {
            Self::Webhook => QueueName::Webhook,
            Self::Email => QueueName::Email,
        }
    }
}

impl FromStr for Channel {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "webhook" => Ok(Self::Webhook),
            "email" => Ok(Self::Email),
            _ => Err(Invalid::new("must be webhook or email")),
        }
    }
}

/// Where a recipient is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A webhook.
    Url(WebhookUrl),
    /// A mailbox.
    Address(EmailAddress),
}

impl Target {
    /// Takes a target of a channel from a request.
    ///
    /// # Errors
    /// The rule for URLs or for e-mail addresses that it breaks.
    pub fn parse(channel: Channel, text: &str, rules: &DestinationRules) -> Result<Self, Invalid> {
        match channel {
            Channel::Webhook => rules.parse(text).map(Self::Url),
            Channel::Email => text.parse().map(Self::Address),
        }
    }

    /// The target as its owner sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Url(url) => url.as_str(),
            Self::Address(address) => address.as_str(),
        }
    }

    /// The channel that reaches it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Url(_) => Channel::Webhook,
            Self::Address(_) => Channel::Email,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A recipient of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Stable while the recipient is listed.
    pub id: RecipientId,
    /// Where it is.
    pub target: Target,
    /// Whether it is sent to.
    pub status: RecipientStatus,
}

/// Whether a recipient is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum RecipientStatus {
    /// It is.
    Active,
    /// It is not, until somebody revives it.
    Suspended {
        /// Since when.
        #[serde(with = "crate::millis")]
        since: Timestamp,
        /// Why.
        reason: SuspensionReason,
    },
}

/// Why a recipient is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// It answered 410 Gone.
    Gone,
    /// There is no such mailbox.
    Bounced,
    /// Who reads the mailbox called a mail unwanted.
    Complained,
    /// Who reads the mailbox unsubscribed (RFC 8058).
    Unsubscribed,
    /// Somebody who manages the policy asked for it.
    ByHand,
}

impl RecipientStatus {
    /// Whether its receiver answered 410.
    pub(crate) const fn is_gone(self) -> bool {
        let Self::Suspended { reason, .. } = self else {
            return false;
        };
        matches!(reason, SuspensionReason::Gone)
    }

    /// Whether a suspension takes its place. What the mailbox's reader said counts more than
    /// anything else, so that it stands when the other cause is gone.
    pub(crate) fn yields_to(self, new: SuspensionReason) -> bool {
        match self {
            Self::Active => true,
            Self::Suspended { reason, .. } => new.is_readers_word() && !reason.is_readers_word(),
        }
    }
}

impl SuspensionReason {
    /// Whether who reads the mailbox said so.
    #[must_use]
    pub const fn is_readers_word(self) -> bool {
        matches!(self, Self::Complained | Self::Unsubscribed)
    }
}

impl Recipient {
    /// Whether it is sent to.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == RecipientStatus::Active
    }
}
