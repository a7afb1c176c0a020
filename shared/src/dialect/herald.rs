//! Herald's own dialect on the wire: an envelope in neutral words, and no signature but that of
//! Standard Webhooks 1.0.

use crate::{
    event::{Event, EventId},
    event_type::EventType,
    id::AccountId,
    json::JsonObject,
};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    id: &'a EventId,
    r#type: &'a EventType,
    timestamp: Timestamp,
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    data: &'a JsonObject,
}

pub(super) fn envelope(event: &Event) -> String {
    let report = &event.report;
    let empty = JsonObject::empty();
    let envelope = Envelope {
        id: &event.reference.id,
        r#type: &report.event_type,
        timestamp: event.occurred_at(),
        account_id: event.reference.tenant.account,
        resource_type: report.resource_type.as_deref(),
        resource_id: report.resource_id.as_deref(),
        data: report.data.as_ref().unwrap_or(&empty),
    };
    serde_json::to_string(&envelope).expect("an envelope is JSON")
}
