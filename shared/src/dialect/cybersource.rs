//! The CyberSource dialect on the wire: version 3 of its envelope, its headers, which tell one
//! attempt from another, and its signature (CyberSource's webhooks guide, "Notification payload"
//! and "Validating notifications").

use super::{Parcel, SignatureHeader, Signer};
use crate::{
    catalogue::BuiltIn, event::Event, event_type::EventType, id::PolicyId, json::JsonObject,
    policy::Policy, secret::Secret, signature::hmac_sha256, trace_id::TraceId,
};
use data_encoding::BASE64;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt::Display;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "v-c-signature";

/// What the names of its headers start with.
pub(super) const HEADER_PREFIX: &str = "v-c-";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    event_type: &'a EventType,
    webhook_id: PolicyId,
    product_id: &'a str,
    organization_id: String,
    event_date: String,
    transaction_trace_id: TraceId,
    retry_number: u32,
    request_type: &'static str,
    #[serde(flatten)]
    told: Told<'a>,
}

/// What is told. The two are called differently.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Told<'a> {
    /// What has happened.
    #[serde(rename_all = "camelCase")]
    Payload {
        data: &'a JsonObject,
        organization_id: String,
    },
    /// What the test of a webhook tells.
    Payloads(&'a JsonObject),
}

pub(super) fn envelope(parcel: &Parcel<'_>) -> String {
    let event = parcel.first();
    let empty = JsonObject::empty();
    let data = event.report.data.as_ref().unwrap_or(&empty);
    let envelope = Envelope {
        event_type: &event.report.event_type,
        webhook_id: parcel.policy.id,
        product_id: product(parcel),
        organization_id: holder(parcel.policy),
        event_date: date(event.occurred_at()),
        transaction_trace_id: parcel.trace_id(),
        retry_number: retries(parcel),
        request_type: request_type(parcel),
        told: if parcel.is_test {
            Told::Payloads(data)
        } else {
            let organization_id = happened_in(parcel.policy, event);
            Told::Payload {
                data,
                organization_id,
            }
        },
    };
    serde_json::to_string(&envelope).expect("an envelope is JSON")
}

/// The headers that tell an attempt without its body.
pub(super) fn headers(parcel: &Parcel<'_>) -> Vec<(&'static str, String)> {
    let text = |value: &dyn Display| value.to_string();
    vec![
        ("v-c-event-type", text(&parcel.first().report.event_type)),
        ("v-c-organization-id", holder(parcel.policy)),
        ("v-c-product-name", product(parcel).to_owned()),
        ("v-c-request-type", request_type(parcel).to_owned()),
        ("v-c-retry-count", text(&retries(parcel))),
        ("v-c-transaction-trace-id", text(&parcel.trace_id())),
        ("v-c-webhook-id", text(&parcel.policy.id)),
    ]
}

/// The product of an event: its policy's, else its type's.
fn product<'a>(parcel: &Parcel<'a>) -> &'a str {
    if let Some(subscription) = &parcel.policy.details.subscription {
        return subscription.product_id.as_str();
    }
    let event_type = parcel.first().report.event_type.as_str();
    let known = BuiltIn::find(event_type).and_then(|entry| entry.product);
    known.unwrap_or_default()
}

/// What the account is called that owns a policy: as the policy was made with.
fn holder(policy: &Policy) -> String {
    let said = policy.details.subscription.as_ref();
    said.map_or_else(
        || policy.owner.account.to_string(),
        |said| said.organization_id.to_string(),
    )
}

/// What the account is called in which an event happened, in the words of who made the policy: if
/// that named its own account by its external id, others are called so, too, where they have one.
fn happened_in(policy: &Policy, event: &Event) -> String {
    let (account, owner) = (event.reference.tenant.account, policy.owner.account);
    let holder = holder(policy);
    if account == owner {
        return holder;
    }
    let external_id = event.account.external_id.as_ref();
    let external_id = external_id.filter(|_| holder != owner.to_string());
    external_id.map_or_else(|| account.to_string(), ToString::to_string)
}

/// `2026-01-05T10:00:00`, in UTC.
fn date(at: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    zoned.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

const fn retries(parcel: &Parcel<'_>) -> u32 {
    parcel.number.saturating_sub(1)
}

/// `RETRY` is our word for what is sent again: CyberSource's filters have it, its guide does not
/// say.
const fn request_type(parcel: &Parcel<'_>) -> &'static str {
    match retries(parcel) {
        0 => "NEW",
        _ => "RETRY",
    }
}

/// The part of a body that is signed.
#[derive(Deserialize)]
struct Signed<'a> {
    #[serde(borrow, alias = "payloads")]
    payload: &'a RawValue,
}

/// `t=<milliseconds>;keyId=<id>;sig=<base64 HMAC-SHA256 of "t.payload">`, where the payload is the
/// member of the body letter for letter (the guide says "the payload from the body", and the
/// vendor's own plugins read it so).
pub(super) fn signature(signer: &Signer<'_>, body: &str, at: Timestamp) -> Option<SignatureHeader> {
    let signed: Signed<'_> = serde_json::from_str(body).ok()?;
    sign_payload(signer, signed.payload.get(), at)
}

/// The signature of a payload; none without a key.
pub(crate) fn sign_payload(
    signer: &Signer<'_>,
    payload: &str,
    at: Timestamp,
) -> Option<SignatureHeader> {
    let (key, secret) = (signer.key?, signer.secrets.first()?);
    let t = at.as_millisecond();
    let mac = hmac_sha256(&key_bytes(secret), &[&t.to_string(), ".", payload]);
    Some(SignatureHeader {
        name: SIGNATURE_HEADER,
        value: format!("t={t};keyId={key};sig={}", BASE64.encode(&mac)),
    })
}

/// What a key's secret stands for: it is told in base64.
#[must_use]
pub fn key_bytes(secret: &Secret) -> Vec<u8> {
    let text = secret.expose().as_bytes();
    BASE64.decode(text).unwrap_or_else(|_| text.to_vec())
}

#[cfg(test)]
mod tests;
