//! What no honest client sends to CyberSource's routes: what it is told, by field, and that nothing
//! changes. One table is asked for creation and for changes: the fields are the same.

use crate::{
    accounts::made,
    cybersource_creation::{WEBHOOKS, path, refused, request, shown, subscription},
    event_types::put,
    lune_creation::below,
};
use herald_local::world::{Reply, World};
use http::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

/// A stage for requests that are refused: what is there, and a check that it stays as it is.
pub(crate) struct Kept {
    pub(crate) world: World,
    pub(crate) subscription: Value,
    standing: (Value, Option<String>),
}

impl Kept {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let subscription = subscription(&world, json!({})).await;
        let standing = standing(&world).await;
        Self {
            world,
            subscription,
            standing,
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let request = World::request(method, path).body(body.into().into());
        self.world.send(request.expect("a request")).await
    }

    /// Sends what is refused; fails where it changes something.
    pub(crate) async fn refuse(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.world.clock.advance(std::time::Duration::from_secs(1));
        let reply = self.send(method, path, body).await;
        assert!(reply.status.is_client_error(), "{}", reply.json);
        assert_eq!(standing(&self.world).await, self.standing);
        reply
    }
}

/// Every subscription of the account, and its key.
async fn standing(world: &World) -> (Value, Option<String>) {
    let key = world.service.parts.store.signing_key(world.tenant).await;
    let id = key.expect("an answer").map(|key| key.id.to_string());
    (world.get(WEBHOOKS).await, id)
}

fn types(count: usize) -> Value {
    let name = |number| format!("invoicing.customer.invoice.{number}");
    (0..count).map(name).collect()
}

/// Fields that break a rule, each with the field that is told.
type Broken = Vec<(Value, &'static str)>;

fn broken(stranger: &Value) -> Broken {
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

async fn stranger(kept: &Kept) -> Value {
    let body = json!({ "name": "Stranger", "externalId": "stranger" });
    made(&kept.world, body).await["id"].take()
}

#[tokio::test]
async fn a_field_that_breaks_a_rule_is_told_and_changes_nothing() {
    let kept = Kept::new().await;
    below(&kept.world, ["left"]).await;
    let other = json!({
        "dialects": ["cybersource"], "product": "payments", "description": "A payment",
    });
    assert_eq!(
        put(&kept.world, "payments.accepted", other).await.status,
        200
    );
    let own = kept.world.tenant.account.to_string();
    let one = path(&kept.subscription);
    for (fields, field) in broken(&stranger(&kept).await) {
        let whole = request(&own, &fields).to_string();
        for (method, path, body) in [
            (Method::POST, WEBHOOKS, whole),
            (Method::PATCH, &one, fields.to_string()),
        ] {
            let reply = kept.refuse(method.clone(), path, body).await;
            let (status, reason, told) = refused(&reply);
            let is_missing = fields["notificationScope"] == json!({});
            let expected = if is_missing {
                "MISSING_FIELD"
            } else {
                "INVALID_DATA"
            };
            let expected = (400, expected, vec![field]);
            // Each type of a product that is not theirs is told.
            let told = told.into_iter().take(1).collect();
            assert_eq!((status, reason, told), expected, "{method} {fields:.200}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let kept = Kept::new().await;
    let one = path(&kept.subscription);
    let nested = format!(r#"{{"name":{}"#, "[".repeat(50_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"null",
        b"1",
        b"\"{}\"",
        b"[]",
        b"[{}]",
        b"{",
        b"{} {}",
        b"{'name':'a'}",
        b"name=a&organizationId=b",
        b"\xef\xbb\xbf{}",
        b"{\"name\":\"\xff\"}",
    ];
    for body in bodies.into_iter().chain([nested.as_bytes()]) {
        for (method, path) in [(Method::POST, WEBHOOKS), (Method::PATCH, one.as_str())] {
            let reply = kept.refuse(method, path, body).await;
            let case = String::from_utf8_lossy(&body[..body.len().min(40)]);
            assert_eq!(
                refused(&reply),
                (400, "INVALID_DATA", vec!["body"]),
                "{case}"
            );
        }
    }
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1024 * 1024));
    for (method, path) in [(Method::POST, WEBHOOKS), (Method::PATCH, one.as_str())] {
        let reply = kept.refuse(method, path, large.as_str()).await;
        assert_eq!(refused(&reply), (413, "INVALID_REQUEST", vec![]));
    }
}

#[tokio::test]
async fn a_change_of_something_else_than_a_subscription_changes_nothing() {
    let kept = Kept::new().await;
    let one = path(&kept.subscription);
    let before = shown(&kept.subscription);
    for body in [
        json!({}),
        json!({ "webhookId": "019b8d99-6900-7000-8000-000000000001" }),
        json!({ "createdOn": "2020-01-01T00:00:00.000Z", "updatedOn": null, "version": "4" }),
        json!({ "name": null, "eventTypes": null, "webhookUrl": null, "retryPolicy": null }),
        json!({ "products": [{ "productId": "payments", "eventTypes": ["a"] }] }),
        json!({ "retryPolicy": {}, "securityPolicy": {} }),
    ] {
        let reply = kept.send(Method::PATCH, &one, body.to_string()).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.json);
        let mut after = reply.json;
        after
            .as_object_mut()
            .expect("an object")
            .remove("updatedOn");
        assert_eq!(after, before, "{body}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_passed_over_and_a_body_is_read_as_json_whatever_it_says_it_is() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let more = json!({
        "additionalAttributes": [{ "a": "b" }], "webhookId": "mine", "version": 4, "__proto__": {},
        "securityPolicy": { "securityType": "key", "config": { "oAuthURL": 1 } },
    });
    let body = request(&own, &more).to_string();
    for kind in [
        None,
        Some("application/json;charset=utf-8"),
        Some("text/plain"),
        Some("é"),
    ] {
        let request = World::request(Method::POST, WEBHOOKS).body(body.clone().into());
        let mut request = request.expect("a request");
        request.headers_mut().remove(CONTENT_TYPE);
        if let Some(kind) = kind {
            let kind = kind.parse().expect("a value");
            request.headers_mut().insert(CONTENT_TYPE, kind);
        }
        let reply = world.send(request).await;
        assert_eq!(reply.status, 201, "{kind:?}: {}", reply.json);
        assert_ne!(reply.json["webhookId"], "mine");
        assert_eq!(reply.json["version"], "3");
        let security = json!({ "securityType": "KEY", "digitalSignatureEnabled": "yes" });
        assert_eq!(reply.json["securityPolicy"], security);
        assert!(reply.json.get("additionalAttributes").is_none());
    }
}
