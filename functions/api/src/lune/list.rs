//! `GET /webhooks`: all of them, the newest first. Lune's list has no pages.

use super::{error::LuneError, view::WebhookView};
use crate::{Api, account_fields::MAX_ACCOUNTS, caller::Caller, failure::Failure};
use ::herald::{
    account::Account,
    credential::Role,
    dialect::Dialect,
    invalid::Invalid,
    policy::{Policy, Scope},
};
use axum::{
    Json,
    extract::{RawQuery, State},
};
use futures::future::try_join_all;
use http::HeaderMap;
use std::sync::Arc;
use url::form_urlencoded;

/// The parameter that filters by account; it may be repeated.
const ACCOUNT_ID: &str = "account_id";

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Vec<WebhookView>>, LuneError> {
    let caller = api.lune_caller(&headers, Role::Read).await?;
    let asked = api.asked_accounts(&caller, query.as_deref()).await?;
    let webhooks = api.all_policies(caller.tenant(), Dialect::Lune, |policy| {
        let asked = asked.as_ref();
        asked.is_none_or(|asked| asked.iter().any(|account| pushes_for(policy, account)))
    });
    let webhooks = webhooks.await?;
    let views = webhooks.iter().map(|policy| api.show_webhook(policy));
    Ok(Json(try_join_all(views).await?))
}

/// Whether a webhook pushes the events of an account.
fn pushes_for(policy: &Policy, account: &Account) -> bool {
    let owner = policy.owner.account;
    match &policy.scope {
        Scope::Own => account.id == owner,
        Scope::Descendants => account.is_within(owner),
        Scope::Accounts(accounts) => accounts.contains(&account.id),
    }
}

impl Api {
    /// The accounts that a list is filtered by; `None` where it is not. One that is not within the
    /// caller's reach is passed over: no webhook of the caller's pushes for it.
    async fn asked_accounts(
        &self,
        caller: &Caller,
        query: Option<&str>,
    ) -> Result<Option<Vec<Account>>, Failure> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let named = pairs.filter_map(|(name, value)| (name == ACCOUNT_ID).then_some(value));
        let mut named: Vec<_> = named.map(|handle| handle.into_owned()).collect();
        named.sort_unstable();
        named.dedup();
        if named.is_empty() {
            return Ok(None);
        }
        if named.len() > MAX_ACCOUNTS {
            let rule = format!("must name at most {MAX_ACCOUNTS} accounts");
            return Err(Failure::field(ACCOUNT_ID, Invalid::new(rule)));
        }
        let mut found = Vec::new();
        for handle in &named {
            found.extend(self.account_within(handle, &caller.account).await?);
        }
        Ok(Some(found))
    }
}
