//! What CyberSource's interface says of a policy, and no other.

use crate::{catalogue::Product, invalid::Invalid, text::text_type};
use serde::{Deserialize, Serialize};

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
