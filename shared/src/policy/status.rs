//! Whether a policy sends, and why not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a policy sends. What it hears while it does not is withheld, and not lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum PolicyStatus {
    /// It sends.
    #[default]
    Active,
    /// Not yet: its health URL was not healthy so far. What is withheld is sent once it is.
    Pending,
    /// Not for now: its health URL is not healthy any more. What is withheld is sent once it is.
    Suspended {
        /// Since when.
        #[serde(with = "crate::millis")]
        since: Timestamp,
    },
    /// Not until somebody says so. What is withheld stays so until it is replayed.
    Inactive {
        /// Since when.
        #[serde(with = "crate::millis")]
        since: Timestamp,
    },
}

impl PolicyStatus {
    /// Every status's name.
    pub const NAMES: [&'static str; 4] = ["active", "pending", "suspended", "inactive"];

    /// Its name, as callers see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Suspended { .. } => "suspended",
            Self::Inactive { .. } => "inactive",
        }
    }

    /// Since when it does not send; `None` where it does, or never did.
    #[must_use]
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Self::Active | Self::Pending => None,
            Self::Suspended { since } | Self::Inactive { since } => Some(since),
        }
    }

    /// Whether it sends.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }
}
