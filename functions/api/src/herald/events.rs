//! Reporting events, and looking at them.

use super::{
    delivery_list::Walk, delivery_view::DeliveryView, id_path::IdPath, parameters::Listed,
    problem::Problem,
};
use crate::{Api, caller::Caller, failure::Failure, idempotency};
use ::herald::{
    credential::Role,
    event::{Event, EventId, EventRef, REPORT_FIELDS, Report},
    event_type::EventType,
    fields::{Fields, TEXT},
    id::AccountId,
    invalid::{FieldErrors, Invalid},
    json::JsonObject,
    message::{EventsMessage, FanOut, Version1},
    queue::QueueName,
    store::Reported,
    tenant::Tenant,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Deliveries shown with an event; the list of deliveries has the rest.
const SHOWN_DELIVERIES: usize = 100;

#[derive(Serialize)]
struct Accepted {
    id: EventId,
    duplicate: bool,
}

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

/// `POST /herald/v1/events`: records an event, enqueues its fan-out, and only then accepts it.
pub(super) async fn report(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Publish).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let (id, tenant, report) = read_report(&api, &caller, &headers, &fields).await?;
    let event = Event {
        reference: EventRef {
            tenant,
            id,
            accepted_at: api.clock.now(),
        },
        report,
    };
    let (reference, fanned_out, duplicate) = match api.store.record_event(&event).await? {
        Reported::New => (event.reference, false, false),
        Reported::Known(known) => (known.event.reference, known.fanned_out, true),
        Reported::Conflict => {
            let detail = format!("another event was reported as {}", event.reference.id);
            return Err(Failure::Conflict(detail).into());
        }
    };
    // A duplicate is enqueued again until its fan-out is known to be done: the report before it
    // may have been recorded and not enqueued.
    if !fanned_out {
        let message = EventsMessage::FanOut(FanOut {
            v: Version1,
            event: reference.clone(),
            resume: None,
        });
        api.queue
            .send(QueueName::Events, vec![message.outgoing()])
            .await?;
    }
    let accepted = Accepted {
        id: reference.id,
        duplicate,
    };
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

async fn read_report(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(EventId, Tenant, Report), Failure> {
    let mut errors = FieldErrors::default();
    fields.only(&known_fields(), &mut errors);
    let id = read_id(api, headers, fields, &mut errors);
    let account = read_account(api, caller, fields, &mut errors).await?;
    let report = Report::read(fields, &mut errors);
    let read = || {
        let tenant = Tenant {
            account: account?,
            mode: caller.mode,
        };
        Some((id?, tenant, report?))
    };
    Ok(errors.finish(read())?)
}

fn known_fields() -> Vec<&'static str> {
    [&["id", "accountId"][..], &REPORT_FIELDS].concat()
}

async fn read_account(
    api: &Api,
    caller: &Caller,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Result<Option<AccountId>, Failure> {
    let Some(name) = fields.optional::<String>("accountId", TEXT, errors) else {
        return Ok(Some(caller.account.id));
    };
    let found = api.account_within(&name, &caller.account).await?;
    let rule = || Invalid::new("must name the credential's account or one below it");
    let account = found.map(|account| account.id).ok_or_else(rule);
    Ok(errors.check("accountId", account))
}

fn read_id(
    api: &Api,
    headers: &HeaderMap,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Option<EventId> {
    if let Some(id) = fields.optional::<String>("id", TEXT, errors) {
        return errors.check("id", id.parse());
    }
    match errors.check(idempotency::NAME, idempotency::key(headers))? {
        None => Some(EventId::from_bytes(api.random.bytes())),
        Some(key) => Some(EventId::from_idempotency_key(key)),
    }
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
