//! `GET` and `DELETE /webhooks/{id}`.

use super::{NO_WEBHOOK, error::CybersourceError, view::SubscriptionView};
use crate::{Api, failure::Failure, policy_path::PolicyPath};
use ::herald::credential::Role;
use axum::{Json, extract::State};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Json<SubscriptionView>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Read).await?;
    let policy = api.subscription(&caller, path).await?;
    Ok(Json((&policy).into()))
}

/// What it left unfinished is cancelled in the background; what was delivered stays on record.
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Json<Value>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let policy = api.subscription(&caller, path).await?;
    let deleted = api.delete_policy(&policy, |_| Ok(())).await?;
    deleted.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(Json(json!({ "status": "successfully deleted" })))
}
