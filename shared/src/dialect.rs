//! The interfaces that Herald answers: its own, and published ones. A policy belongs to the dialect
//! it was made in, which decides its envelope and its signature header; the catalogue says which
//! event types it knows. To add one: a module here, a variant, and an arm in each `match` below.

pub mod cybersource;
pub mod herald;
pub mod lune;
mod parcel;
mod pulse;
pub mod sequence;

use crate::{id::AccountId, invalid::Invalid, secret::Secret, signing_key::KeyId};
use jiff::Timestamp;
pub use parcel::Parcel;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// An interface, Herald's own or a published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Herald's own.
    Herald,
    /// Sequence's notification policies.
    Sequence,
    /// Lune's webhooks.
    Lune,
    /// CyberSource's webhook subscriptions.
    Cybersource,
    /// Pulse's webhooks.
    Pulse,
}

/// What one webhook carries at most. One event always fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Events.
    pub events: usize,
    /// Bytes of their `data`.
    pub bytes: usize,
}

/// Who vouches for a payload.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The secrets that count, one or more, the newest first.
    pub secrets: &'a [Secret],
    /// The organisation of the policy's owner.
    pub organisation: AccountId,
    /// The id of the newest secret, where it is an account's key and not the policy's own.
    pub key: Option<KeyId>,
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
    pub const ALL: [Self; 5] = [
        Self::Herald,
        Self::Sequence,
        Self::Lune,
        Self::Cybersource,
        Self::Pulse,
    ];

    /// The body of a webhook: compact JSON, the same for every attempt unless the dialect counts
    /// them in it.
    ///
    /// # Panics
    /// Without an event.
    #[must_use]
    pub fn envelope(self, parcel: &Parcel<'_>) -> String {
        match self {
            Self::Herald => herald::envelope(parcel.first()),
            Self::Sequence => sequence::envelope(parcel.first()),
            Self::Lune => lune::envelope(parcel.events),
            Self::Cybersource => cybersource::envelope(parcel),
            Self::Pulse => pulse::envelope(parcel.first()),
        }
    }

    /// The headers in which the dialect tells what an attempt is about, beside its signature.
    ///
    /// # Panics
    /// Without an event.
    #[must_use]
    pub fn headers(self, parcel: &Parcel<'_>) -> Vec<(&'static str, String)> {
        match self {
            Self::Herald | Self::Sequence | Self::Lune | Self::Pulse => Vec::new(),
            Self::Cybersource => cybersource::headers(parcel),
        }
    }

    /// Whether one key signs all webhooks of an account, and policies have no secrets of their own.
    #[must_use]
    pub const fn has_account_key(self) -> bool {
        match self {
            Self::Herald | Self::Sequence | Self::Lune | Self::Pulse => false,
            Self::Cybersource => true,
        }
    }

    /// What one webhook carries at most.
    #[must_use]
    pub const fn batch(self) -> BatchLimits {
        match self {
            Self::Herald | Self::Sequence | Self::Cybersource | Self::Pulse => BatchLimits {
                events: 1,
                bytes: usize::MAX,
            },
            Self::Lune => lune::BATCH,
        }
    }

    /// The dialect's own signature of a body, where it has one beside that of Standard Webhooks;
    /// none without a secret.
    #[must_use]
    pub fn signature(
        self,
        signer: &Signer<'_>,
        body: &str,
        at: Timestamp,
    ) -> Option<SignatureHeader> {
        let newest = signer.secrets.first()?;
        match self {
            Self::Herald | Self::Pulse => None,
            Self::Sequence => Some(sequence::signature(newest, body, at)),
            Self::Lune => Some(lune::signature(signer, body, at)),
            Self::Cybersource => cybersource::signature(signer, body, at),
        }
    }

    /// Whether a header is the dialect's, and no policy's to add.
    ///
    /// * `name`: in lower case.
    #[must_use]
    pub fn owns_header(self, name: &str) -> bool {
        match self {
            Self::Herald | Self::Pulse => false,
            Self::Sequence => name.eq_ignore_ascii_case(sequence::SIGNATURE_HEADER),
            Self::Lune => name.eq_ignore_ascii_case(lune::SIGNATURE_HEADER),
            Self::Cybersource => name.starts_with(cybersource::HEADER_PREFIX),
        }
    }

    /// How long a receiver has, where the dialect says so and not the deployment.
    #[must_use]
    pub const fn deadline(self) -> Option<Duration> {
        match self {
            Self::Herald | Self::Sequence | Self::Cybersource | Self::Pulse => None,
            Self::Lune => Some(lune::DEADLINE),
        }
    }

    /// The dialect's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Herald => "herald",
            Self::Sequence => "sequence",
            Self::Lune => "lune",
            Self::Cybersource => "cybersource",
            Self::Pulse => "pulse",
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
