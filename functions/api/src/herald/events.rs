//! Reporting events, and looking at them.

use super::{
    delivery_list::Walk,
    delivery_view::{DeliveryView, Listed},
    id_path::IdPath,
    problem::Problem,
};
use crate::{
    Api,
    caller::Caller,
    failure::Failure,
    fields::{Fields, TEXT},
    idempotency,
};
use ::herald::{
    credential::Role,
    event::{Event, EventId, EventRef, MAX_DATA_BYTES, Report},
    event_type::EventType,
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
use serde_json::value::RawValue;
use std::sync::Arc;

/// The fields of a report.
const FIELDS: [&str; 7] = [
    "id",
    "type",
    "accountId",
    "resourceType",
    "resourceId",
    "data",
    "occurredAt",
];

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
    fields.only(&FIELDS, &mut errors);
    let id = read_id(api, headers, fields, &mut errors);
    let event_type = fields
        .required::<String>("type", TEXT, &mut errors)
        .and_then(|name| errors.check("type", known_type(&name)));
    let account = read_account(api, caller, fields, &mut errors).await?;
    let resource_type = short_text(fields, "resourceType", &mut errors);
    let resource_id = short_text(fields, "resourceId", &mut errors);
    let occurred_at =
        fields.optional::<Timestamp>("occurredAt", "must be an RFC 3339 time", &mut errors);
    let data = read_data(fields, &mut errors)?;
    let read = || {
        let tenant = Tenant {
            account: account?,
            mode: caller.mode,
        };
        let report = Report {
            event_type: event_type?,
            resource_type,
            resource_id,
            data,
            occurred_at,
        };
        Some((id?, tenant, report))
    };
    Ok(errors.finish(read())?)
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
    let rule = || Invalid::new("must name the caller's account or one below it");
    let account = found.map(|account| account.id).ok_or_else(rule);
    Ok(errors.check("accountId", account))
}

fn read_data(fields: &Fields, errors: &mut FieldErrors) -> Result<Option<JsonObject>, Failure> {
    let Some(raw) = fields.optional::<Box<RawValue>>("data", "must be JSON", errors) else {
        return Ok(None);
    };
    let data = errors.check("data", JsonObject::parse(&raw));
    match &data {
        Some(data) if data.as_str().len() > MAX_DATA_BYTES => Err(Failure::TooLarge(
            "data is larger than 256 KiB of compact JSON",
        )),
        _ => Ok(data),
    }
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

fn known_type(name: &str) -> Result<EventType, Invalid> {
    let event_type: EventType = name.parse()?;
    if event_type.dialects().next().is_some() {
        return Ok(event_type);
    }
    let suggestion = event_type.suggestion();
    Err(Invalid::new(format!(
        "must be a known event type{suggestion}"
    )))
}

fn short_text(fields: &Fields, name: &str, errors: &mut FieldErrors) -> Option<String> {
    let text = fields.optional::<String>(name, TEXT, errors)?;
    let is_short = (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let rule = || Invalid::new("must be 1 to 256 characters, none of them a control character");
    errors.check(name, is_short.then_some(text).ok_or_else(rule))
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
