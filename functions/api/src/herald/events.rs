//! An event, and what became of it.

use super::{
    delivery_list::Walk, delivery_view::DeliveryView, id_path::IdPath, parameters::Listed,
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::Role, event::EventId, event_type::EventType, id::AccountId, json::JsonObject,
};
use axum::{Json, extract::State};
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Deliveries shown with an event; the list of deliveries has the rest.
const SHOWN_DELIVERIES: usize = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventView {
    id: EventId,
    r#type: EventType,
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<JsonObject>,
    occurred_at: Timestamp,
    accepted_at: Timestamp,
    /// Whether all its deliveries are known.
    fanned_out: bool,
    deliveries: Listed<DeliveryView>,
}

/// `GET /herald/v1/events/{id}`: an event and its deliveries, pending ones too.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let not_found = || Failure::NotFound("there is no such event");
    let id: EventId = id.parse().map_err(|_| not_found())?;
    let known = api
        .store
        .event(caller.tenant(), &id)
        .await?
        .ok_or_else(not_found)?;
    let walk = Walk::new(SHOWN_DELIVERIES, |_: &DeliveryView| true);
    let deliveries = api
        .event_deliveries(caller.tenant(), &known.event.reference, None, walk)
        .await?;
    let occurred_at = known.event.occurred_at();
    let (reference, report) = (known.event.reference, known.event.report);
    Ok(Json(EventView {
        id: reference.id,
        r#type: report.event_type,
        account_id: reference.tenant.account,
        resource_type: report.resource_type,
        resource_id: report.resource_id,
        data: report.data,
        occurred_at,
        accepted_at: reference.accepted_at,
        fanned_out: known.fanned_out,
        deliveries,
    }))
}
