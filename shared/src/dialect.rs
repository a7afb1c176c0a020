//! The interfaces that Herald answers: its own, and published ones. A policy belongs to the dialect
//! it was made in, which decides its envelope and its signature header; the catalogue says which
//! event types it knows. To add one: a module here, a variant, and an arm in each `match` below.

pub mod herald;
pub mod sequence;

use crate::{event::Event, invalid::Invalid, secret::Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An interface, Herald's own or a published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Herald's own.
    Herald,
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
    pub const ALL: [Self; 2] = [Self::Herald, Self::Sequence];

    /// The body of a webhook about one event: compact JSON, the same for every attempt.
    #[must_use]
    pub fn envelope(self, event: &Event) -> String {
        match self {
            Self::Herald => herald::envelope(event),
            Self::Sequence => sequence::envelope(event),
        }
    }

    /// The dialect's own signature of a body, where it has one beside that of Standard Webhooks.
    #[must_use]
    pub fn signature(self, secret: &Secret, body: &str, at: Timestamp) -> Option<SignatureHeader> {
        match self {
            Self::Herald => None,
            Self::Sequence => Some(sequence::signature(secret, body, at)),
        }
    }

    /// The dialect's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Herald => "herald",
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
