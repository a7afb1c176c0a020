//! The message that erases what a deleted account left behind.

use super::Version1;
use crate::{id::AccountId, store::ErasurePosition};
use serde::{Deserialize, Serialize};

/// Erase what a deleted account left behind, from a position on. It is done twice: what was under way
/// when the account was deleted may write behind the first reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseAccount {
    /// Form of the message.
    pub v: Version1,
    /// The account.
    pub account: AccountId,
    /// Which reading this is.
    pub reading: Reading,
    /// Where an earlier invocation stopped; `None` at the start of a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<ErasurePosition>,
}

/// A reading of the whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// At once.
    First,
    /// When everything that was under way has ended.
    Last,
}

impl EraseAccount {
    /// The start of a reading.
    #[must_use]
    pub const fn start(account: AccountId, reading: Reading) -> Self {
        Self {
            v: Version1,
            account,
            reading,
            resume: None,
        }
    }
}
