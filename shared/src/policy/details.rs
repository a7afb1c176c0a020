//! What a policy may say beyond who hears of what.

use super::Subscription;
use crate::{email::EmailAddress, invalid::Invalid, text::text_type, vault::Sealed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

text_type!(
    /// What a policy is for, or an event type tells, for people to read: 1 to 1,000 characters,
    /// control characters only as line breaks and tabs.
    Description,
    |text| {
        if text.trim().is_empty() || text.chars().count() > 1_000 {
            Err(Invalid::new("must be 1 to 1000 characters and not blank"))
        } else if text.chars().any(|c| c.is_control() && !"\r\n\t".contains(c)) {
            Err(Invalid::new("must not hold control characters"))
        } else {
            Ok(())
        }
    }
);

/// The most pairs of a policy's metadata.
const MAX_METADATA_PAIRS: usize = 50;

/// The most bytes of a policy's metadata, keys and values together, so that the policy fits into
/// one DynamoDB item (400 KB).
const MAX_METADATA_BYTES: usize = 16 * 1024;

/// Texts by keys, for the policy's owner: Herald keeps them and shows them again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, String>> for Metadata {
    type Error = Invalid;

    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, Invalid> {
        let key_fits = |key: &String| (1..=40).contains(&key.chars().count());
        let bytes: usize = pairs
            .iter()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        if pairs.len() > MAX_METADATA_PAIRS {
            Err(Invalid::new("must have at most 50 keys"))
        } else if !pairs.keys().all(key_fits) {
            Err(Invalid::new("must have keys of 1 to 40 characters"))
        } else if bytes > MAX_METADATA_BYTES {
            Err(Invalid::new("must have at most 16 KiB in all"))
        } else {
            Ok(Self(pairs))
        }
    }
}

/// What a policy may say beyond who hears of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What it is for.
    pub description: Option<Description>,
    /// How many seconds a receiver has for the whole exchange; `None` for as long as the
    /// deployment gives. Webhooks only.
    pub timeout_seconds: Option<u64>,
    /// The [`super::Headers`] that its webhooks carry beside Herald's own. Sealed, because they
    /// are what receivers tell friend from foe by.
    pub headers: Option<Sealed>,
    /// Whom its recipients may ask.
    pub contact: Option<EmailAddress>,
    /// Whatever its owner keeps there.
    pub metadata: Metadata,
    /// What it was made with, where CyberSource's interface made it.
    pub subscription: Option<Subscription>,
    /// The integer that Pulse's clients know it by, unique and rising in its tenant.
    pub number: Option<u64>,
}
