//! `GET` and `DELETE /notification/webhooks/{id}`.

use super::{
    NO_WEBHOOK,
    document::{Data, JsonApi},
    error::PulseError,
    number_path::NumberPath,
    query::read_shown,
};
use crate::{Api, failure::Failure};
use ::herald::credential::Role;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    path: NumberPath,
) -> Result<Response, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Read).await?;
    let shown = read_shown(query.as_deref().unwrap_or_default())?;
    let policy = api.pulse_webhook(caller.tenant(), path).await?;
    let webhook = api.pulse_webhook_view(&caller, &policy).await?;
    let data = webhook.resource(&shown);
    Ok(JsonApi(StatusCode::OK, Data { data }).into_response())
}

/// What it left unfinished is cancelled in the background.
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: NumberPath,
) -> Result<StatusCode, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Manage).await?;
    let policy = api.pulse_webhook(caller.tenant(), path).await?;
    let deleted = api.delete_policy(&policy, |_| Ok(())).await?;
    deleted.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(StatusCode::NO_CONTENT)
}
