//! `POST /api/v3/notification/webhooks`: made as Pulse documents it, and refused by its rules.

use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

pub(crate) const WEBHOOKS: &str = "/api/v3/notification/webhooks";
pub(crate) const CREATED: &str = "workflow:projects:created";
pub(crate) const URL: &str = "https://hooks.example.com/pulse";

/// A document of a webhook with these attributes.
pub(crate) fn document(attributes: &Value) -> Value {
    json!({ "data": { "type": "notification/webhooks", "attributes": attributes } })
}

/// The attributes of a webhook, with some replaced; null takes one away.
pub(crate) fn attributes(fields: &Value) -> Value {
    let mut attributes = json!({ "name": "CI", "url": URL, "events": [CREATED] });
    for (name, value) in fields.as_object().expect("an object") {
        attributes[name] = value.clone();
    }
    attributes
}

pub(crate) async fn create(world: &World, fields: Value) -> Reply {
    let body = document(&attributes(&fields));
    world.call(Method::POST, WEBHOOKS, body).await
}

/// A new webhook, as it was answered.
pub(crate) async fn webhook(world: &World, fields: Value) -> Value {
    let mut reply = create(world, fields).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    reply.json["data"].take()
}

pub(crate) fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

/// What a refusal is about: the pointers, parameters and headers of its errors, all of them of rules
/// that are broken.
pub(crate) fn refused(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 422, "{}", reply.json);
    let errors = reply.json["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| {
            assert_eq!(error["status"], 422, "an integer: {error}");
            assert_eq!(error["title"], "Verse::Error::ValidationFailed");
            assert!(error["detail"].is_string(), "{error}");
            let source = error["source"].as_object().expect("a source");
            source
                .values()
                .next()
                .and_then(Value::as_str)
                .expect("text")
        })
        .collect()
}

#[tokio::test]
async fn the_documented_request_has_the_documented_response_field_for_field() {
    let world = World::new().await;
    let fields = json!({
        "id": 99, "account_id": 98, "secret": "hush", "scopes": { "a": true },
        "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        "unheard_of": [1],
    });
    let reply = create(&world, fields).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["content-type"], "application/vnd.api+json");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let expected = json!({ "data": {
        "type": "notification/webhooks",
        "id": "1",
        "attributes": {
            "account_id": 1,
            "name": "CI",
            "url": URL,
            "secret": "hush",
            "events": [CREATED],
            "scopes": {},
            "created_at": "2026-01-05T10:00:00Z",
            "updated_at": "2026-01-05T10:00:00Z",
        },
    } });
    assert_eq!(reply.json, expected);
    let shown = world.get(&format!("{WEBHOOKS}/1")).await;
    assert_eq!(shown, expected, "shown the same");
    let listed = world.get(WEBHOOKS).await;
    assert_eq!(listed, json!({ "data": [expected["data"]] }));
}

#[tokio::test]
async fn a_secret_is_made_where_none_is_given() {
    let world = World::new().await;
    for given in [json!({}), json!({ "secret": null })] {
        let made = webhook(&world, given).await;
        let secret = made["attributes"]["secret"].as_str().expect("a secret");
        assert!(secret.starts_with("whsec_") && secret.len() == 38);
    }
}

#[tokio::test]
async fn a_secret_may_be_any_text() {
    let world = World::new().await;
    for secret in ["x", "ä ö\nü", &"é".repeat(1_024)] {
        let made = webhook(&world, json!({ "secret": secret })).await;
        assert_eq!(made["attributes"]["secret"], secret);
    }
}

#[tokio::test]
async fn every_attribute_that_is_missing_is_told() {
    let world = World::new().await;
    let none = json!({ "name": null, "url": null, "events": null });
    let reply = create(&world, none).await;
    let pointers = ["name", "url", "events"].map(|name| format!("/data/attributes/{name}"));
    assert_eq!(refused(&reply), pointers);
    assert_eq!(
        reply.json["errors"][0]["source"],
        json!({ "pointer": pointers[0] })
    );
    assert_eq!(reply.json["errors"][0]["detail"], "is required");
}

#[tokio::test]
async fn every_rule_that_is_broken_is_told() {
    let world = World::new().await;
    for (fields, pointer) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": 1 }), "name"),
        (json!({ "name": "x".repeat(256) }), "name"),
        (json!({ "url": "http://example.com/" }), "url"),
        (json!({ "url": "https://10.0.0.1/" }), "url"),
        (json!({ "url": ["https://example.com/"] }), "url"),
        (json!({ "secret": "" }), "secret"),
        (json!({ "secret": "x".repeat(1_025) }), "secret"),
        (json!({ "secret": 7 }), "secret"),
        (json!({ "events": [] }), "events"),
        (json!({ "events": CREATED }), "events"),
        (json!({ "events": [CREATED, 1] }), "events"),
        (json!({ "events": vec![CREATED; 101] }), "events"),
        (json!({ "events": ["nope"] }), "events/0"),
        (json!({ "events": [CREATED, "INVOICE_ISSUED"] }), "events/1"),
        (json!({ "events": ["two words"] }), "events/0"),
    ] {
        let reply = create(&world, fields.clone()).await;
        let pointer = format!("/data/attributes/{pointer}");
        assert_eq!(refused(&reply), [pointer], "{fields}");
    }
    let many = json!({ "name": "", "url": "x", "secret": "", "events": ["a", "b"] });
    let reply = create(&world, many).await;
    let names = ["url", "secret", "name", "events/0", "events/1"];
    let mut told = refused(&reply);
    told.sort_unstable();
    let mut expected = names.map(|name| format!("/data/attributes/{name}"));
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(world.get(WEBHOOKS).await["data"], json!([]));
}

#[tokio::test]
async fn what_the_operator_added_for_pulse_may_be_named() {
    let world = World::new().await;
    let name = "billing:invoices:created";
    let refused = create(&world, json!({ "events": [name] })).await;
    assert_eq!(refused.status, 422);
    crate::event_types::add(&world, name, &["pulse"]).await;
    let made = webhook(&world, json!({ "events": [name, CREATED, name] })).await;
    assert_eq!(
        made["attributes"]["events"],
        json!([name, CREATED]),
        "each once"
    );
    let events = world.get(&format!("{WEBHOOKS}/events")).await;
    let mut expected = vec![name.to_owned()];
    expected
        .extend(["created", "deleted", "updated"].map(|verb| format!("workflow:projects:{verb}")));
    let expected = expected
        .iter()
        .map(|id| json!({ "type": "notification/events", "id": id }));
    assert_eq!(events, json!({ "data": expected.collect::<Vec<_>>() }));
}

#[tokio::test]
async fn a_repeated_request_makes_one_webhook() {
    let world = World::new().await;
    let body = document(&attributes(&json!({})));
    let send = async |body: &Value| {
        let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", "k");
        let request = request.body(body.to_string().into());
        world.send(request.expect("a request")).await
    };
    let (first, again) = (send(&body).await, send(&body).await);
    assert_eq!((again.status.as_u16(), &again.json), (201, &first.json));
    let other = send(&document(&attributes(&json!({ "name": "Other" })))).await;
    assert_eq!(other.status, 409);
    let error = &other.json["errors"][0];
    assert_eq!(error["status"], "409");
    assert_eq!(error["source"], json!({ "header": "Idempotency-Key" }));
    assert_eq!(webhook(&world, json!({})).await["id"], "2");
}
