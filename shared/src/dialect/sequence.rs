//! The Sequence dialect on the wire: envelope and signature of Sequence's webhooks
//! (docs.sequencehq.com, "Webhooks" and "Webhook events", version 2024-07-30).

use super::SignatureHeader;
use crate::{
    event::Event, id::AccountId, json::JsonObject, secret::Secret, signature::hmac_sha256,
};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "Sequence-Signature";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    notification_type: &'a str,
    sequence_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a JsonObject>,
}

pub(super) fn envelope(event: &Event) -> String {
    let report = &event.report;
    let envelope = Envelope {
        notification_type: report.event_type.as_str(),
        sequence_account_id: event.reference.tenant.account,
        resource_type: report.resource_type.as_deref(),
        resource_id: report.resource_id.as_deref(),
        resource: report.data.as_ref(),
    };
    serde_json::to_string(&envelope).expect("an envelope is JSON")
}

/// `t=<milliseconds>,s=<lower-case hex HMAC-SHA256 of "t.body">`; the key is the whole secret,
/// its `whsec_` included (our reading: Sequence does not say).
pub(super) fn signature(secret: &Secret, body: &str, at: Timestamp) -> SignatureHeader {
    let t = at.as_millisecond();
    let mac = hmac_sha256(secret.expose().as_bytes(), &[&t.to_string(), ".", body]);
    SignatureHeader {
        name: SIGNATURE_HEADER,
        value: format!("t={t},s={}", HEXLOWER.encode(&mac)),
    }
}
