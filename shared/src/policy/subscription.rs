//! What CyberSource's interface says of a policy, and no other.

use crate::{catalogue::Product, invalid::Invalid, text::text_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

text_type!(
    /// What a subscription calls its account: the id or the external id that it was made with. 1 to
    /// 255 visible ASCII characters.
    OrganizationId,
    |text| {
        if (1..=255).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic()) {
            Ok(())
        } else {
            Err(Invalid::new("must be 1 to 255 visible ASCII characters"))
        }
    }
);

/// What a policy shows again as it was said (CyberSource's webhook subscriptions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// What its account is called.
    pub organization_id: OrganizationId,
    /// The product whose events it hears.
    pub product_id: Product,
    /// Whether it named a URL for its health; else the webhook's is asked.
    pub has_health_url: bool,
    /// Where its receiver stands, in CyberSource's words.
    pub proxy_type: Option<ProxyType>,
    /// What it says of its retries beside their times.
    #[serde(default, skip_serializing_if = "AdditionalAttributes::is_empty")]
    pub additional_attributes: AdditionalAttributes,
}

/// The most objects of a subscription's additional attributes.
const MAX_ATTRIBUTES: usize = 20;

/// The most bytes of them, keys and values together.
const MAX_ATTRIBUTE_BYTES: usize = 1024;

/// Objects of texts, in CyberSource's `retryPolicy`. Kept and shown; nothing follows from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AdditionalAttributes(Vec<BTreeMap<String, String>>);

impl AdditionalAttributes {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<BTreeMap<String, String>>> for AdditionalAttributes {
    type Error = Invalid;

    fn try_from(objects: Vec<BTreeMap<String, String>>) -> Result<Self, Invalid> {
        let pairs = objects.iter().flatten();
        let bytes: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
        if objects.len() > MAX_ATTRIBUTES {
            Err(Invalid::new("must have at most 20 objects"))
        } else if bytes > MAX_ATTRIBUTE_BYTES {
            Err(Invalid::new("must have at most 1 KiB in all"))
        } else {
            Ok(Self(objects))
        }
    }
}

/// Where a receiver stands, in CyberSource's words. Kept and shown; all are reached alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyType {
    /// In the world.
    External,
    /// In a network of its own.
    Internal,
}
