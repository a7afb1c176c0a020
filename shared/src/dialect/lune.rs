//! The Lune dialect on the wire: several events in one webhook, and Lune's signature (Lune's API
//! documentation, "Webhooks").

use super::{BatchLimits, SignatureHeader, Signer};
use crate::{
    event::{Event, EventId},
    event_type::EventType,
    id::AccountId,
    json::JsonObject,
    place::Place,
    signature::hmac_sha256,
};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "Lune-HMAC";

/// How long a receiver has: Lune waits 30 seconds.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// What one webhook carries at most (our choice: Lune has a cap and does not say which).
pub(super) const BATCH: BatchLimits = BatchLimits {
    events: 100,
    bytes: 256 * 1024,
};

#[derive(Serialize)]
struct Envelope<'a> {
    events: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    api_version: &'static str,
    event_id: &'a EventId,
    account_id: AccountId,
    event_type: &'a EventType,
    #[serde(serialize_with = "shown")]
    sequence: Place,
    data: &'a JsonObject,
}

fn shown<S: Serializer>(place: &Place, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(place)
}

pub(super) fn envelope(events: &[&Event]) -> String {
    let empty = JsonObject::empty();
    let entries = events.iter().map(|event| Entry {
        api_version: "v1",
        event_id: &event.reference.id,
        account_id: event.reference.tenant.account,
        event_type: &event.report.event_type,
        sequence: event.sequence(),
        data: event.report.data.as_ref().unwrap_or(&empty),
    });
    let envelope = Envelope {
        events: entries.collect(),
    };
    serde_json::to_string(&envelope).expect("an envelope is JSON")
}

/// `timestamp=<seconds>,organisation=<id>,v1=<base64 HMAC-SHA256 of "timestamp.body">`, with a `v1`
/// for each secret that counts. Base64 is our reading: Lune does not say.
pub(super) fn signature(signer: &Signer<'_>, body: &str, at: Timestamp) -> SignatureHeader {
    let timestamp = at.as_second().to_string();
    let mut value = format!("timestamp={timestamp},organisation={}", signer.organisation);
    for secret in signer.secrets {
        let mac = hmac_sha256(secret.expose().as_bytes(), &[&timestamp, ".", body]);
        value.push_str(",v1=");
        value.push_str(&BASE64.encode(&mac));
    }
    SignatureHeader {
        name: SIGNATURE_HEADER,
        value,
    }
}
