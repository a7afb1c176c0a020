//! A policy as Herald's own routes show it, whatever its dialect.

use super::{retry::RetryView, scope::ScopeView, sending::HealthView};
use crate::{Api, caller::Caller, failure::Failure, herald::recipient_view::RecipientView};
use ::herald::{
    dialect::Dialect,
    email::EmailAddress,
    event_type::EventType,
    id::PolicyId,
    name::Name,
    pace::Pace,
    policy::{Description, EventTypes, Metadata, Policy},
    recipient::Channel,
    store::LastProbe,
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyView {
    id: PolicyId,
    dialect: Dialect,
    /// What Pulse's clients know it by; left out for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    name: Name,
    description: Option<Description>,
    /// Null for all types of its dialect.
    event_types: Option<Vec<EventType>>,
    scope: ScopeView,
    retry_policy: RetryView,
    channel: Channel,
    recipients: Vec<RecipientView>,
    status: &'static str,
    /// Null while it sends, and before it ever did.
    status_since: Option<Timestamp>,
    /// Null where nobody asks.
    health: Option<HealthView>,
    delivery_mode: &'static str,
    /// Null for as many as there are.
    max_per_second: Option<Pace>,
    /// Null for as long as the deployment gives.
    timeout_seconds: Option<u64>,
    /// The values are null to who may not see secrets.
    headers: BTreeMap<String, Option<String>>,
    contact: Option<EmailAddress>,
    metadata: Metadata,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
}

impl Api {
    /// Shows a policy to a caller.
    ///
    /// * `last`: what was heard of its health, where that is to be shown.
    pub(super) async fn view_policy(
        &self,
        caller: &Caller,
        policy: Policy,
        last: Option<LastProbe>,
    ) -> Result<PolicyView, Failure> {
        let headers = policy.headers(&self.vault).await?;
        let shown = |value: &str| caller.sees_secrets().then(|| value.to_owned());
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_owned(), shown(value)));
        Ok(PolicyView {
            id: policy.id,
            dialect: policy.dialect,
            number: policy.details.number,
            name: policy.name,
            description: policy.details.description,
            event_types: match policy.event_types {
                EventTypes::All => None,
                EventTypes::Named(types) => Some(types),
            },
            scope: policy.scope.into(),
            retry_policy: policy.retry.into(),
            channel: policy.channel,
            recipients: policy.recipients.iter().map(Into::into).collect(),
            status: policy.status.name(),
            status_since: policy.status.since(),
            health: policy.health.map(|health| HealthView::new(&health, last)),
            delivery_mode: policy.delivery_mode.name(),
            max_per_second: policy.pace,
            timeout_seconds: policy.details.timeout_seconds,
            headers: headers.collect(),
            contact: policy.details.contact,
            metadata: policy.details.metadata,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            version: policy.version,
        })
    }
}
