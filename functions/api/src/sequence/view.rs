//! A policy as Sequence shows it.

use super::channel;
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{
    event_type::EventType,
    id::{AccountId, PolicyId},
    name::Name,
    policy::{EventTypes, Policy},
};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyView {
    id: PolicyId,
    created_at: Timestamp,
    sequence_account_id: AccountId,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_types: Option<Vec<EventType>>,
    recipients: Vec<String>,
    channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
}

impl Api {
    /// Shows a policy to a caller: its secret in full, as Sequence does, to those who may see
    /// secrets.
    pub(super) async fn show_policy(
        &self,
        caller: &Caller,
        policy: Policy,
    ) -> Result<PolicyView, Failure> {
        let secret = self.shown_secret(caller, &policy).await?;
        let webhook_secret = secret.map(|secret| secret.expose().to_owned());
        let recipients = policy.recipients.iter();
        Ok(PolicyView {
            id: policy.id,
            created_at: policy.created_at,
            sequence_account_id: policy.owner.account,
            notification_types: match policy.event_types {
                EventTypes::All => None,
                EventTypes::Named(types) => Some(types),
            },
            recipients: recipients
                .map(|recipient| recipient.target.to_string())
                .collect(),
            channel: channel::spell(policy.channel),
            name: policy.name,
            webhook_secret,
        })
    }
}
