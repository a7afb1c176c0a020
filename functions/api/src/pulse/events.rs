//! `GET /notification/webhooks/events`: what a webhook may hear of.

use super::{
    document::{Data, JsonApi},
    error::PulseError,
};
use crate::{Api, failure::Failure};
use ::herald::{credential::Role, dialect::Dialect};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::sync::Arc;

/// An event as Pulse might show it, which publishes no schema: a resource that has nothing but its
/// name.
#[derive(Debug, Serialize)]
struct EventView<'a> {
    r#type: &'static str,
    id: &'a str,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
) -> Result<Response, PulseError> {
    api.pulse_caller(&headers, Role::Read).await?;
    let catalogue = api.store.catalogue().await.map_err(Failure::from)?;
    let known = catalogue
        .entries()
        .filter(|entry| entry.is_known_to(Dialect::Pulse));
    let data: Vec<_> = known
        .map(|entry| EventView {
            r#type: "notification/events",
            id: entry.name.as_str(),
        })
        .collect();
    Ok(JsonApi(StatusCode::OK, Data { data }).into_response())
}
