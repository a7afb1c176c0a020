//! A webhook as Lune shows it.

use crate::{Api, failure::Failure};
use ::herald::{
    id::{AccountId, PolicyId},
    policy::{Policy, PolicyStatus, Scope},
    secret::Secret,
    tenant::Mode,
};
use jiff::Timestamp;
use serde::Serialize;

/// How much of a secret is shown to tell it from others.
const SHOWN_CHARS: usize = 4;

#[derive(Debug, Serialize)]
pub(super) struct WebhookView {
    id: PolicyId,
    url: String,
    /// Whether events are sent: neither disabled by hand, nor stopped by a receiver that is gone.
    enabled: bool,
    account_type: Mode,
    /// Empty for all accounts: Lune leaves out no field.
    account_ids: Vec<AccountId>,
    created_at: Timestamp,
    secret: String,
}

impl Api {
    /// Shows a webhook, of its secret the end alone.
    pub(super) async fn show_webhook(&self, policy: &Policy) -> Result<WebhookView, Failure> {
        let secret = self.newest_secret(policy).await?;
        Ok(view(policy, secret.as_ref().map(end).unwrap_or_default()))
    }

    /// Shows a webhook whose secret was made just now, the secret in full.
    pub(super) async fn show_with_secret(&self, policy: &Policy) -> Result<WebhookView, Failure> {
        let secret = self.newest_secret(policy).await?;
        let secret = secret.map(|secret| secret.expose().to_owned());
        Ok(view(policy, secret.unwrap_or_default()))
    }
}

/// The end of a secret.
fn end(secret: &Secret) -> String {
    let text = secret.expose();
    let hidden = text.chars().count().saturating_sub(SHOWN_CHARS);
    text.chars().skip(hidden).collect()
}

fn view(policy: &Policy, secret: String) -> WebhookView {
    // Herald's own routes can give it more; Lune knows of one.
    let recipient = policy.recipients.first();
    let is_on = !matches!(policy.status, PolicyStatus::Inactive { .. });
    WebhookView {
        id: policy.id,
        url: recipient.map_or_else(String::new, |recipient| recipient.target.to_string()),
        enabled: is_on && recipient.is_some_and(|recipient| recipient.is_active()),
        account_type: policy.owner.mode,
        account_ids: match &policy.scope {
            Scope::Own => vec![policy.owner.account],
            Scope::Descendants => Vec::new(),
            Scope::Accounts(accounts) => accounts.clone(),
        },
        created_at: policy.created_at,
        secret,
    }
}
