//! An account in one mode: the wall around every row.

use crate::{id::AccountId, invalid::Invalid};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Live or test. Neither ever sees the other's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The real thing.
    Live,
    /// For trying things out.
    Test,
}

impl FromStr for Mode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "live" => Ok(Self::Live),
            "test" => Ok(Self::Test),
            _ => Err(Invalid::new("must be live or test")),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Test => "test",
        })
    }
}

/// An account in one mode. Every key of a tenant's row starts with it, as `<account>#<mode>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tenant {
    /// The account.
    pub account: AccountId,
    /// Its mode.
    pub mode: Mode,
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.account, self.mode)
    }
}
