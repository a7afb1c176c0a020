//! `PUT /webhooks/{id}`: what a body leaves out stays as it is.

use super::{
    NO_WEBHOOK,
    error::LuneError,
    parse::{ACCOUNT_IDS, URL},
    request::read_body,
    view::WebhookView,
};
use crate::{Api, caller::Caller, failure::Failure, policy_path::PolicyPath};
use ::herald::{
    credential::Role,
    fields::{FLAG, Fields},
    id::AccountId,
    invalid::FieldErrors,
    policy::{Policy, PolicyChange, Scope, WantedPolicyStatus},
    recipient::Target,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::HeaderMap;
use jiff::Timestamp;
use std::sync::Arc;

/// What a body asks for.
struct Wanted {
    target: Target,
    enabled: Option<bool>,
    accounts: Option<Vec<AccountId>>,
}

pub(super) async fn update(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<WebhookView>, LuneError> {
    let caller = api.lune_caller(&headers, Role::Manage).await?;
    let body = read_body(&headers, body)?;
    let policy = api.lune_webhook(caller.tenant(), path).await?;
    let wanted = read_wanted(&api, &caller, &Fields::parse(&body)?).await?;
    let now = api.clock.now();
    let changed = api.change_policy(&policy, |present| wanted.apply(present, &api, now));
    let changed = changed.await?.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(Json(api.show_webhook(&changed).await?))
}

async fn read_wanted(api: &Api, caller: &Caller, fields: &Fields) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    let target = api.read_target(fields, &mut errors);
    let enabled = fields.optional("enabled", FLAG, &mut errors);
    let accounts = api.read_account_ids(caller, fields, &mut errors).await?;
    let wanted = target.map(|target| Wanted {
        target,
        enabled,
        accounts,
    });
    Ok(errors.finish(wanted)?)
}

impl Wanted {
    /// The webhook's recipient keeps its id wherever it goes, and so its place in the log. That a
    /// body names its URL revives it, where it was gone.
    fn apply(&self, present: Policy, api: &Api, now: Timestamp) -> Result<Policy, Failure> {
        let first = present.recipients.first();
        let recipient = first.expect("a policy has a recipient").id.clone();
        let change = PolicyChange {
            scope: self.accounts.clone().map(Scope::Accounts),
            status: self.enabled.map(|enabled| match enabled {
                true => WantedPolicyStatus::Active,
                false => WantedPolicyStatus::Inactive,
            }),
            ..PolicyChange::default()
        };
        let refused = |rule| Failure::field(URL, rule);
        let moved = present
            .redirect_recipient(&recipient, &self.target, now)
            .map_err(refused)?;
        let next = moved.apply(change, &*api.random, now).map_err(refused)?;
        next.check_hints("its types")
            .map_err(|rule| Failure::field(ACCOUNT_IDS, rule))?;
        Ok(next)
    }
}
