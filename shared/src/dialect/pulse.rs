//! The Pulse dialect on the wire: an envelope of our own, since Pulse publishes none, and no
//! signature but that of Standard Webhooks 1.0.

use crate::{event::Event, event_type::EventType, json::JsonObject};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a> {
    event: &'a EventType,
    resource_id: Option<&'a str>,
    /// Null where an earlier version accepted the event.
    account_id: Option<u64>,
    occurred_at: Timestamp,
    payload: &'a JsonObject,
}

pub(super) fn envelope(event: &Event) -> String {
    let report = &event.report;
    let empty = JsonObject::empty();
    let envelope = Envelope {
        event: &report.event_type,
        resource_id: report.resource_id.as_deref(),
        account_id: event.account.number,
        occurred_at: event.occurred_at(),
        payload: report.data.as_ref().unwrap_or(&empty),
    };
    serde_json::to_string(&envelope).expect("an envelope is JSON")
}
