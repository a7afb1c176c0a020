//! The request of an attempt: the dialect's envelope and the headers that vouch for it.

use herald::{
    delivery_id::DeliveryId, dialect::Dialect, event::Event, secret::Secret,
    signature::standard_headers,
};
use jiff::Timestamp;

/// A signed body, ready to send.
pub(crate) struct SignedRequest {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Makes and signs the body of an attempt at an instant.
pub(crate) fn sign(
    dialect: Dialect,
    event: &Event,
    id: &DeliveryId,
    secret: &Secret,
    at: Timestamp,
) -> SignedRequest {
    let body = dialect.envelope(event);
    let own = dialect.signature(secret, &body, at);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        (own.name, own.value),
    ];
    headers.extend(standard_headers(secret, id, &body, at));
    SignedRequest { headers, body }
}
