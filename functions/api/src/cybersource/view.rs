//! A subscription as CyberSource shows it.

use super::{retry::RetryView, scope};
use ::herald::{
    id::{AccountId, PolicyId},
    policy::{AdditionalAttributes, EventTypes, Policy, PolicyStatus, ProxyType, Scope},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubscriptionView {
    organization_id: String,
    product_id: String,
    event_types: Vec<String>,
    /// Both again, as version 2 has them: what the client libraries read out of what is there
    /// already. Absent of one that was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<[ProductView; 1]>,
    webhook_id: PolicyId,
    name: String,
    webhook_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    health_check_url: Option<String>,
    created_on: String,
    /// Absent of one that was never changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_on: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    retry_policy: RetryPolicyView,
    security_policy: SecurityView,
    version: &'static str,
    delivery_type: &'static str,
    notification_scope: &'static str,
    /// The accounts of `CUSTOM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_data: Option<Vec<AccountId>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductView {
    product_id: String,
    event_types: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryPolicyView {
    #[serde(flatten)]
    retries: RetryView,
    #[serde(skip_serializing_if = "AdditionalAttributes::is_empty")]
    additional_attributes: AdditionalAttributes,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SecurityView {
    security_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_type: Option<ProxyType>,
    digital_signature_enabled: &'static str,
}

impl SubscriptionView {
    /// One that was just made, to the letter of CyberSource's example.
    pub(super) fn of_new(policy: &Policy) -> Self {
        Self {
            products: None,
            ..policy.into()
        }
    }
}

impl From<&Policy> for SubscriptionView {
    fn from(policy: &Policy) -> Self {
        let said = policy.details.subscription.as_ref();
        let health = policy.health.as_ref();
        let has_health_url = said.is_some_and(|said| said.has_health_url);
        let withholds = health.is_some_and(|health| health.withhold);
        // Herald's own routes can give it more; CyberSource knows of one.
        let recipient = policy.recipients.first();
        let description = policy.details.description.as_ref();
        let product_id = said.map_or_else(String::new, |said| said.product_id.to_string());
        let event_types: Vec<_> = match &policy.event_types {
            EventTypes::All => Vec::new(),
            EventTypes::Named(types) => types.iter().map(ToString::to_string).collect(),
        };
        Self {
            organization_id: said.map_or_else(
                || policy.owner.account.to_string(),
                |said| said.organization_id.to_string(),
            ),
            products: Some([ProductView {
                product_id: product_id.clone(),
                event_types: event_types.clone(),
            }]),
            product_id,
            event_types,
            webhook_id: policy.id,
            name: policy.name.to_string(),
            webhook_url: recipient.map_or_else(String::new, |known| known.target.to_string()),
            health_check_url: health
                .filter(|_| has_health_url)
                .map(|health| health.url.to_string()),
            created_on: instant(policy.created_at),
            updated_on: (policy.updated_at != policy.created_at)
                .then(|| instant(policy.updated_at)),
            status: status(policy),
            description: description.map(ToString::to_string),
            retry_policy: RetryPolicyView {
                retries: RetryView::of(&policy.retry, withholds),
                additional_attributes: said
                    .map(|said| said.additional_attributes.clone())
                    .unwrap_or_default(),
            },
            security_policy: SecurityView {
                security_type: "KEY",
                proxy_type: said.and_then(|said| said.proxy_type),
                digital_signature_enabled: "yes",
            },
            version: "3",
            delivery_type: "nrtdCentral",
            notification_scope: scope::name(&policy.scope),
            scope_data: match &policy.scope {
                Scope::Own | Scope::Descendants => None,
                Scope::Accounts(accounts) => Some(accounts.clone()),
            },
        }
    }
}

/// `SUSPENDED` also while its receiver is gone (410): nothing is sent then.
fn status(policy: &Policy) -> &'static str {
    let is_gone = policy.recipients.iter().all(|known| !known.is_active());
    match policy.status {
        PolicyStatus::Pending | PolicyStatus::Inactive { .. } => "INACTIVE",
        PolicyStatus::Suspended { .. } => "SUSPENDED",
        PolicyStatus::Active if is_gone => "SUSPENDED",
        PolicyStatus::Active => "ACTIVE",
    }
}

/// `2026-01-05T10:00:00.000Z`.
pub(super) fn instant(at: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
