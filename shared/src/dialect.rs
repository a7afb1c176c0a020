//! The published interfaces that Herald answers. A policy belongs to the dialect it was made in,
//! which decides its event types, its envelope and its signature header. To add one: a module
//! here, a variant, and an arm in each `match` below.

pub mod sequence;

use crate::{event::Event, invalid::Invalid, secret::Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A published interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Sequence's notification policies.
    Sequence,
}

/// A header that authenticates a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHeader {
    /// The header's name, as its dialect writes it.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 1] = [Self::Sequence];

    /// The built-in event types that this dialect knows.
    #[must_use]
    pub const fn event_types(self) -> &'static [&'static str] {
        match self {
            Self::Sequence => sequence::EVENT_TYPES,
        }
    }

    /// The body of a webhook about one event: compact JSON, the same for every attempt.
    #[must_use]
    pub fn envelope(self, event: &Event) -> String {
        match self {
            Self::Sequence => sequence::envelope(event),
        }
    }

    /// The dialect's own signature of a body, beside those of Standard Webhooks.
    #[must_use]
    pub fn signature(self, secret: &Secret, body: &str, at: Timestamp) -> SignatureHeader {
        match self {
            Self::Sequence => sequence::signature(secret, body, at),
        }
    }

    /// The dialect's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
        }
    }
}

impl FromStr for Dialect {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL
            .into_iter()
            .find(|dialect| dialect.as_str() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Invalid::new(format!("must be one of {names}"))
        })
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
