//! `GET` and `DELETE /webhooks/{id}`, and `PUT /webhooks/{id}/rotate-secret`.

use super::{NO_WEBHOOK, error::LuneError, view::WebhookView};
use crate::{Api, failure::Failure, policy_path::PolicyPath, policy_secret::NOT_KEPT};
use ::herald::{credential::Role, store::Changed};
use axum::{Json, extract::State};
use http::{HeaderMap, HeaderName, StatusCode};
use std::sync::Arc;

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Json<WebhookView>, LuneError> {
    let caller = api.lune_caller(&headers, Role::Read).await?;
    let policy = api.lune_webhook(caller.tenant(), path).await?;
    Ok(Json(api.show_webhook(&policy).await?))
}

/// What it left unfinished is cancelled in the background.
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<StatusCode, LuneError> {
    let caller = api.lune_caller(&headers, Role::Manage).await?;
    let policy = api.lune_webhook(caller.tenant(), path).await?;
    let deleted = api.delete_policy(&policy, |_| Ok(())).await?;
    deleted.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The old secret counts no more from now on, as Lune has it.
pub(super) async fn rotate_secret(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<([(HeaderName, &'static str); 1], Json<WebhookView>), LuneError> {
    let caller = api.lune_caller(&headers, Role::Manage).await?;
    let policy = api.lune_webhook(caller.tenant(), path).await?;
    let (secret, now) = (api.new_secret(), api.clock.now());
    match api
        .rotate_policy_secret(&policy, &secret, (now, now))
        .await?
    {
        Changed::Done(policy) => Ok((NOT_KEPT, Json(api.show_with_secret(&policy).await?))),
        Changed::NotFound => Err(Failure::NotFound(NO_WEBHOOK).into()),
    }
}
