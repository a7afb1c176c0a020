//! The example in Rust of docs/receivers.md, compiled and tried on webhooks, genuine and forged.

use herald::{
    clock::{Clock, SystemClock},
    delivery_id::DeliveryId,
    secret::Secret,
    signature::{WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, standard_headers},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt::Debug;

mod example {
    include!("example.rs");

    /// What stands in the document.
    pub(super) const CODE: &str = include_str!("example.rs");

    pub(super) fn run(
        secret: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        receive(secret, headers, body)
    }
}

/// The document.
const DOCUMENT: &str = include_str!("../../../docs/receivers.md");

/// What its policy signs with.
const SECRET: &str = "whsec_1hXEPmhqDlqrHuwoGi1hVLsXC2wV1XaJ";

/// What its policy signed with before.
const OLD_SECRET: &str = "whsec_nlsv1hEcuqCLAfAQpnXkpWWYGLiFg4Xp";

/// A body that the local service sent.
const BODY: &str = r#"{"id":"evt_2765e938b9f8ecdf93372843b22b4c9f","type":"INVOICE_ISSUED","timestamp":"2026-11-21T17:37:06.827Z","accountId":"01a1ff2e-e100-7947-b5d0-8b5065e108cd","resourceId":"inv_1","data":{"total":"12.00"}}"#;

/// Tries a receiver's code on a webhook that was signed just now, and on forged ones.
///
/// * `receive`: takes the policy's secret, the headers and the body.
fn try_out<E: Debug>(receive: impl Fn(&str, &HeaderMap, &[u8]) -> Result<(), E>) {
    let headers = signed();
    for secret in [SECRET, OLD_SECRET] {
        let taken = receive(secret, &headers, BODY.as_bytes());
        taken.expect("either secret of a rotation verifies");
    }
    let refuses = |secret: &str, headers: &HeaderMap, body: &str| {
        let refused = receive(secret, headers, body.as_bytes()).is_err();
        assert!(refused, "{headers:?} {body}");
    };
    refuses(SECRET, &headers, &BODY.replace("12.00", "13.00"));
    let another = SECRET.replace('1', "2");
    refuses(&another, &headers, BODY);
    for name in [WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE] {
        let mut forged = headers.clone();
        forged.remove(name);
        refuses(SECRET, &forged, BODY);
    }
    let mut late = headers;
    late.insert(WEBHOOK_TIMESTAMP, HeaderValue::from_static("1795282626"));
    refuses(SECRET, &late, BODY);
}

/// The headers of an attempt that is made now, during a rotation.
fn signed() -> HeaderMap {
    let secrets = [SECRET, OLD_SECRET].map(|secret| Secret::new(secret.to_owned()));
    let id = DeliveryId::from_bytes([7; 20]);
    let headers = standard_headers(&secrets, &id, BODY, SystemClock.now());
    let value = |value: String| HeaderValue::try_from(value).expect("plain ASCII");
    headers
        .into_iter()
        .map(|(name, text)| (HeaderName::from_static(name), value(text)))
        .collect()
}

#[test]
fn the_example_takes_what_is_genuine_and_nothing_else() {
    assert!(DOCUMENT.contains(&format!("```rust\n{}```", example::CODE)));
    try_out(example::run);
}
