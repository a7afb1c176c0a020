//! Fields of subscriptions that break a rule, each with the field that is told.

use serde_json::{Value, json};

fn types(count: usize) -> Value {
    let name = |number| format!("invoicing.customer.invoice.{number}");
    (0..count).map(name).collect()
}

/// What is sent, and the field that is told.
pub(crate) type Broken = Vec<(Value, &'static str)>;

/// All of them.
///
/// * `stranger`: an account that is not below.
pub(crate) fn broken(stranger: &Value) -> Broken {
    let mut cases = broken_names(stranger);
    cases.extend(broken_types());
    cases.extend(broken_scopes(stranger));
    cases.extend(broken_retries());
    cases.extend(broken_numbers());
    cases.extend(broken_urls());
    cases.extend(broken_rest());
    cases
}

#[rustfmt::skip]
fn broken_names(stranger: &Value) -> Broken {
    let long = "x".repeat(2_000);
    vec![
        (json!({ "name": 1 }), "name"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": ["a"] }), "name"),
        (json!({ "name": "a\u{0}" }), "name"),
        (json!({ "name": long }), "name"),
        (json!({ "description": {} }), "description"),
        (json!({ "description": long }), "description"),
        (json!({ "organizationId": 5 }), "organizationId"),
        (json!({ "organizationId": "" }), "organizationId"),
        (json!({ "organizationId": "nobody" }), "organizationId"),
        (json!({ "organizationId": stranger }), "organizationId"),
        (json!({ "organizationId": "stranger" }), "organizationId"),
    ]
}

#[rustfmt::skip]
fn broken_types() -> Broken {
    vec![
        (json!({ "productId": 5 }), "productId"),
        (json!({ "productId": "" }), "productId"),
        (json!({ "productId": "CUSTOMERINVOICING" }), "eventTypes[0]"),
        (json!({ "eventTypes": "invoicing.customer.invoice.paid" }), "eventTypes"),
        (json!({ "eventTypes": { "0": "invoicing.customer.invoice.paid" } }), "eventTypes"),
        (json!({ "eventTypes": [] }), "eventTypes"),
        (json!({ "eventTypes": [1] }), "eventTypes"),
        (json!({ "eventTypes": [null] }), "eventTypes"),
        (json!({ "eventTypes": types(101) }), "eventTypes"),
        (json!({ "eventTypes": types(1) }), "eventTypes[0]"),
        (json!({ "eventTypes": ["invoicing.customer.invoice.paid", ""] }), "eventTypes[1]"),
        (json!({ "eventTypes": ["invoicing.customer.invoice.paid", "order.received"] }), "eventTypes[1]"),
        (json!({ "eventTypes": ["invoicing.customer.invoice.paid", "payments.accepted"] }), "eventTypes[1]"),
    ]
}

#[rustfmt::skip]
fn broken_scopes(stranger: &Value) -> Broken {
    let scope = |scope: Value| json!({ "notificationScope": scope });
    let custom = |data: Value| json!({ "notificationScope": "CUSTOM", "scopeData": data });
    vec![
        (scope(json!(1)), "notificationScope"),
        (scope(json!([])), "notificationScope"),
        (scope(json!("self")), "notificationScope"),
        (scope(json!({})), "notificationScope.scope"),
        (scope(json!({ "scope": 1 })), "notificationScope.scope"),
        (scope(json!({ "scope": "ALL" })), "notificationScope.scope"),
        (scope(json!({ "scope": "CUSTOM" })), "notificationScope.scopeData"),
        (scope(json!({ "scope": "CUSTOM", "scopeData": "left" })), "notificationScope.scopeData"),
        (scope(json!({ "scope": "CUSTOM", "scopeData": [stranger] })), "notificationScope.scopeData[0]"),
        (custom(json!([])), "scopeData"),
        (custom(json!("left")), "scopeData"),
        (custom(json!([1])), "scopeData"),
        (custom(json!(["left", "nobody"])), "scopeData[1]"),
        (custom(json!(["left", stranger])), "scopeData[1]"),
        (custom(json!(vec!["left"; 101])), "scopeData"),
    ]
}

fn retry(name: &str, value: &Value) -> Value {
    json!({ "retryPolicy": { name: value } })
}

#[rustfmt::skip]
fn broken_retries() -> Broken {
    vec![
        (json!({ "retryPolicy": "ARITHMETIC" }), "retryPolicy"),
        (json!({ "retryPolicy": [] }), "retryPolicy"),
        (retry("algorithm", &json!(1)), "retryPolicy.algorithm"),
        (retry("algorithm", &json!("arithmetic")), "retryPolicy.algorithm"),
        (retry("deactivateFlag", &json!("yes")), "retryPolicy.deactivateFlag"),
        (retry("deactivateFlag", &json!("TRUE")), "retryPolicy.deactivateFlag"),
        (retry("deactivateFlag", &json!(1)), "retryPolicy.deactivateFlag"),
        (retry("firstRetry", &json!("0")), "retryPolicy.firstRetry"),
        (retry("firstRetry", &json!(u64::MAX)), "retryPolicy.numberOfRetries"),
        (retry("numberOfRetries", &json!(4_294_967_296_u64)), "retryPolicy.numberOfRetries"),
        (retry("repeatSequenceCount", &json!(1_000)), "retryPolicy.numberOfRetries"),
        (json!({ "retryPolicy": { "algorithm": "GEOMETRIC", "interval": 0 } }), "retryPolicy.interval"),
        (retry("additionalAttributes", &json!({ "a": "b" })), "retryPolicy.additionalAttributes"),
        (retry("additionalAttributes", &json!([{ "a": 1 }])), "retryPolicy.additionalAttributes"),
        (retry("additionalAttributes", &json!(vec![json!({}); 21])), "retryPolicy.additionalAttributes"),
        (retry("additionalAttributes", &json!([{ "a": "b".repeat(1_024) }])), "retryPolicy.additionalAttributes"),
    ]
}

#[rustfmt::skip]
fn broken_numbers() -> Broken {
    let mut cases = Broken::new();
    let numbers = [
        ("firstRetry", "retryPolicy.firstRetry"),
        ("interval", "retryPolicy.interval"),
        ("numberOfRetries", "retryPolicy.numberOfRetries"),
        ("repeatSequenceCount", "retryPolicy.repeatSequenceCount"),
        ("repeatSequenceWaitTime", "retryPolicy.repeatSequenceWaitTime"),
    ];
    for (name, field) in numbers {
        for value in [
            json!(-1), json!(1.5), json!(true), json!([1]), json!({}), json!(""), json!("-1"),
            json!("1.5"), json!("1e3"), json!("0x1"), json!(" 1"), json!("one"),
            json!("99999999999999999999"),
        ] {
            cases.push((retry(name, &value), field));
        }
    }
    cases
}

#[rustfmt::skip]
fn broken_urls() -> Broken {
    let mut cases = Broken::new();
    for name in ["webhookUrl", "healthCheckUrl"] {
        for value in [
            json!(1), json!(""), json!(["https://test.com/"]), json!("test.com"),
            json!("http://test.com/"), json!("ftp://test.com/"), json!("javascript:alert(1)"),
            json!("https://user:word@test.com/"), json!("https://test.com:80/"),
            json!("https://localhost/"), json!("https://test/"), json!("https://"),
            json!(format!("https://test.com/{}", "x".repeat(2_048))),
        ] {
            cases.push((json!({ name: value }), name));
        }
    }
    cases
}

#[rustfmt::skip]
fn broken_rest() -> Broken {
    let security = |name: &str, value: Value| json!({ "securityPolicy": { name: value } });
    vec![
        (json!({ "webhookUrl": "https://10.0.0.1/" }), "webhookUrl"),
        (json!({ "webhookUrl": "https://[::1]/" }), "webhookUrl"),
        (json!({ "webhookUrl": "https://169.254.169.254/latest" }), "webhookUrl"),
        (json!({ "securityPolicy": "KEY" }), "securityPolicy"),
        (security("securityType", json!(1)), "securityPolicy.securityType"),
        (security("securityType", json!("oAuth")), "securityPolicy.securityType"),
        (security("securityType", json!("oAuth_JWT")), "securityPolicy.securityType"),
        (security("proxyType", json!("EXTERNAL")), "securityPolicy.proxyType"),
        (security("proxyType", json!({})), "securityPolicy.proxyType"),
        (json!({ "status": 1 }), "status"),
        (json!({ "status": "active" }), "status"),
        (json!({ "status": "SUSPENDED" }), "status"),
        (json!({ "status": "PENDING_REVIEW" }), "status"),
    ]
}
