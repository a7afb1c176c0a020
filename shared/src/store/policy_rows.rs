//! How policies stand in the table.

use super::{
    StoreError,
    guard::{Item, Key},
    table::read,
};
use crate::{
    dialect::Dialect,
    email::EmailAddress,
    event_type::EventType,
    id::{AccountId, PolicyId, RecipientId},
    name::Name,
    pace::Pace,
    policy::{
        DeliveryMode, Description, Details, EventTypes, Health, Metadata, Policy, PolicyStatus,
        RetiringSecret, Scope, Secrets, Subscription,
    },
    recipient::{Channel, Recipient, RecipientStatus, Target},
    retry::RetryPolicy,
    tenant::Tenant,
    vault::Sealed,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct PolicyRow {
    id: PolicyId,
    owner: Tenant,
    /// Absent where an earlier version wrote it: the owner's account is taken then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<AccountId>,
    dialect: Dialect,
    name: Name,
    /// Absent for all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_types: Option<Vec<EventType>>,
    /// The owner's account where an earlier version wrote it.
    #[serde(default)]
    scope: Scope,
    channel: Channel,
    recipients: Vec<RecipientRow>,
    #[serde(default)]
    status: PolicyStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    health: Option<Health>,
    #[serde(default)]
    delivery_mode: DeliveryMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pace: Option<Pace>,
    #[serde(default)]
    retry: RetryPolicy,
    /// The newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retiring_secrets: Vec<RetiringSecret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subscription: Option<Subscription>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    #[serde(with = "crate::millis")]
    created_at: Timestamp,
    #[serde(with = "crate::millis")]
    updated_at: Timestamp,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct RecipientRow {
    id: RecipientId,
    target: Target,
    status: RecipientStatus,
}

impl PolicyRow {
    pub(super) fn new(policy: &Policy) -> Self {
        let recipient = |recipient: &Recipient| RecipientRow {
            id: recipient.id.clone(),
            target: recipient.target.clone(),
            status: recipient.status,
        };
        Self {
            id: policy.id,
            owner: policy.owner,
            organisation: Some(policy.organisation),
            dialect: policy.dialect,
            name: policy.name.clone(),
            event_types: match &policy.event_types {
                EventTypes::All => None,
                EventTypes::Named(types) => Some(types.clone()),
            },
            scope: policy.scope.clone(),
            channel: policy.channel,
            recipients: policy.recipients.iter().map(recipient).collect(),
            status: policy.status,
            health: policy.health.clone(),
            delivery_mode: policy.delivery_mode.clone(),
            pace: policy.pace,
            retry: policy.retry.clone(),
            secret: policy
                .secrets
                .as_ref()
                .map(|secrets| secrets.newest.clone()),
            retiring_secrets: match &policy.secrets {
                Some(secrets) => secrets.retiring.clone(),
                None => Vec::new(),
            },
            description: policy.details.description.clone(),
            timeout_seconds: policy.details.timeout_seconds,
            headers: policy.details.headers.clone(),
            contact: policy.details.contact.clone(),
            metadata: policy.details.metadata.clone(),
            subscription: policy.details.subscription.clone(),
            number: policy.details.number,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            version: policy.version,
        }
    }

    pub(super) fn into_policy(self) -> Policy {
        let recipient = |row: RecipientRow| Recipient {
            id: row.id,
            target: row.target,
            status: row.status,
        };
        Policy {
            id: self.id,
            owner: self.owner,
            organisation: self.organisation.unwrap_or(self.owner.account),
            dialect: self.dialect,
            name: self.name,
            event_types: self.event_types.map_or(EventTypes::All, EventTypes::Named),
            scope: self.scope,
            channel: self.channel,
            recipients: self.recipients.into_iter().map(recipient).collect(),
            status: self.status,
            health: self.health,
            delivery_mode: self.delivery_mode,
            pace: self.pace,
            retry: self.retry,
            secrets: self.secret.map(|newest| Secrets {
                newest,
                retiring: self.retiring_secrets,
            }),
            details: Details {
                description: self.description,
                timeout_seconds: self.timeout_seconds,
                headers: self.headers,
                contact: self.contact,
                metadata: self.metadata,
                subscription: self.subscription,
                number: self.number,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

pub(super) fn partition(owner: Tenant) -> String {
    format!("{owner}#POLICY")
}

pub(super) fn key(owner: Tenant, id: PolicyId) -> Key {
    Key {
        pk: partition(owner),
        sk: id.to_string(),
    }
}

pub(super) fn from_item(item: Item) -> Result<Policy, StoreError> {
    read(item).map(PolicyRow::into_policy)
}
