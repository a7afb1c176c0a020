//! A webhook as Pulse shows it.

use super::{attribute::Attribute, document::TYPE};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::policy::{EventTypes, Policy};
use jiff::Timestamp;
use serde::Serialize;
use std::cmp::Ordering;

/// What is known of a webhook.
#[derive(Debug)]
pub(super) struct Webhook {
    id: u64,
    account_id: u64,
    name: String,
    url: String,
    /// `None` where the caller may not see it: nothing is found by it then, either.
    secret: Option<String>,
    events: Vec<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A resource of JSON:API.
#[derive(Debug, Serialize)]
pub(super) struct ResourceView<'a> {
    r#type: &'static str,
    id: String,
    attributes: AttributesView<'a>,
}

/// What it shows. `None` where the caller asked for others.
#[derive(Debug, Serialize)]
struct AttributesView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

/// The permissions in Pulse that a webhook has. Herald knows none.
#[derive(Debug, Serialize)]
struct Scopes {}

/// How no scopes are written.
const NO_SCOPES: &str = "{}";

/// The attributes that a caller asks for; `None` for all.
pub(super) type Shown = Option<Vec<Attribute>>;

impl Api {
    /// What a caller sees of one of its webhooks.
    pub(super) async fn pulse_webhook_view(
        &self,
        caller: &Caller,
        policy: &Policy,
    ) -> Result<Webhook, Failure> {
        let secret = self.shown_secret(caller, policy).await?;
        // Herald's own routes can give it more; Pulse knows of one.
        let recipient = policy.recipients.first();
        Ok(Webhook {
            id: policy.details.number.unwrap_or_default(),
            account_id: caller.account.number,
            name: policy.name.to_string(),
            url: recipient.map_or_else(String::new, |known| known.target.to_string()),
            secret: secret.map(|secret| secret.expose().to_owned()),
            events: match &policy.event_types {
                EventTypes::All => Vec::new(),
                EventTypes::Named(types) => types.iter().map(ToString::to_string).collect(),
            },
            created_at: policy.created_at,
            updated_at: policy.updated_at,
        })
    }
}

impl Webhook {
    /// As a resource, with the attributes that are asked for.
    pub(super) fn resource(&self, shown: &Shown) -> ResourceView<'_> {
        let shows = |attribute| {
            let named = |shown: &Vec<Attribute>| shown.contains(&attribute);
            shown.as_ref().is_none_or(named)
        };
        ResourceView {
            r#type: TYPE,
            id: self.id.to_string(),
            attributes: AttributesView {
                account_id: shows(Attribute::AccountId).then_some(self.account_id),
                name: shows(Attribute::Name).then_some(&*self.name),
                url: shows(Attribute::Url).then_some(&*self.url),
                secret: self.secret.as_deref().filter(|_| shows(Attribute::Secret)),
                events: shows(Attribute::Events).then_some(&*self.events),
                scopes: shows(Attribute::Scopes).then_some(Scopes {}),
                created_at: shows(Attribute::CreatedAt).then_some(self.created_at),
                updated_at: shows(Attribute::UpdatedAt).then_some(self.updated_at),
            },
        }
    }

    /// Whether an attribute has a value, as a filter writes it; of events, whether one of them is.
    pub(super) fn has(&self, attribute: Attribute, value: &str) -> bool {
        let is_number = |number: u64| value.parse() == Ok(number);
        let is_instant = |at: Timestamp| value.parse().is_ok_and(|given: Timestamp| given == at);
        match attribute {
            Attribute::Id => is_number(self.id),
            Attribute::AccountId => is_number(self.account_id),
            Attribute::Name => self.name == value,
            Attribute::Url => self.url == value,
            Attribute::Secret => self.secret.as_deref() == Some(value),
            Attribute::Events => self.events.iter().any(|name| name == value),
            Attribute::Scopes => value == NO_SCOPES,
            Attribute::CreatedAt => is_instant(self.created_at),
            Attribute::UpdatedAt => is_instant(self.updated_at),
        }
    }

    /// Which of two comes first by an attribute.
    pub(super) fn compare(&self, other: &Self, by: Attribute) -> Ordering {
        match by {
            Attribute::Id => self.id.cmp(&other.id),
            Attribute::AccountId => self.account_id.cmp(&other.account_id),
            Attribute::Name => self.name.cmp(&other.name),
            Attribute::Url => self.url.cmp(&other.url),
            Attribute::Secret => self.secret.cmp(&other.secret),
            Attribute::Events => self.events.cmp(&other.events),
            Attribute::Scopes => Ordering::Equal,
            Attribute::CreatedAt => self.created_at.cmp(&other.created_at),
            Attribute::UpdatedAt => self.updated_at.cmp(&other.updated_at),
        }
    }
}
