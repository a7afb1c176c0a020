//! `PUT /v1/webhooks/{id}/rotate-secret`, and what signs.

use crate::{
    lune_creation::{path, webhook},
    policies::own,
};
use data_encoding::BASE64;
use herald::signature::hmac_sha256;
use herald_local::world::{
    Reply, World,
    receiver::{Receiver, Request},
};
use http::Method;
use serde_json::{Value, json};

async fn rotate(world: &World, webhook: &Value, body: &str) -> Reply {
    let path = format!("{}/rotate-secret", path(webhook));
    let request = World::request(Method::PUT, &path).body(body.to_owned().into());
    world.send(request.expect("a request")).await
}

/// Has a test delivery made, and returns what arrived.
async fn arrival(world: &World, receiver: &Receiver, webhook: &Value) -> Request {
    let test = format!("{}/test", own(&path(webhook)));
    let reply = world.call(Method::POST, &test, json!({})).await;
    assert_eq!(reply.json["success"], true, "{}", reply.json);
    receiver.received().pop().expect("a webhook")
}

/// What `Lune-HMAC` holds where these secrets signed at [`herald_local::world::DAWN`].
fn signed(world: &World, request: &Request, secrets: &[&Value]) -> String {
    let mut value = format!("timestamp=1767607200,organisation={}", world.tenant.account);
    for secret in secrets {
        let key = secret.as_str().expect("a secret").as_bytes();
        let mac = hmac_sha256(key, &["1767607200", ".", &request.body]);
        value.push_str(&format!(",v1={}", BASE64.encode(&mac)));
    }
    value
}

#[tokio::test]
async fn a_rotated_secret_is_shown_once_and_ends_the_old_one_at_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let made = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    let first = arrival(&world, &receiver, &made).await;
    assert_eq!(
        first.header("lune-hmac"),
        signed(&world, &first, &[&made["secret"]])
    );
    for body in ["", "{}", "no JSON at all"] {
        let reply = rotate(&world, &made, body).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let mut rotated = made.clone();
        let new = reply.json["secret"].clone();
        assert_ne!(new, made["secret"]);
        rotated["secret"] = new.clone();
        assert_eq!(reply.json, rotated);
        let request = arrival(&world, &receiver, &made).await;
        assert_eq!(
            request.header("lune-hmac"),
            signed(&world, &request, &[&new])
        );
        let shown = world.get(&path(&made)).await["secret"].take();
        let (shown, new) = (
            shown.as_str().expect("its end"),
            new.as_str().expect("a secret"),
        );
        assert_eq!((shown.len(), new.ends_with(shown)), (4, true));
    }
}

#[tokio::test]
async fn a_rotation_ends_what_heralds_own_rotation_left_counting() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let made = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    let overlapping = format!("{}/rotate-secret", own(&path(&made)));
    let second = world.call(Method::POST, &overlapping, json!({})).await.json;
    let request = arrival(&world, &receiver, &made).await;
    let both = [&second["secret"], &made["secret"]];
    assert_eq!(request.header("lune-hmac"), signed(&world, &request, &both));
    let third = rotate(&world, &made, "").await.json;
    let request = arrival(&world, &receiver, &made).await;
    assert_eq!(
        request.header("lune-hmac"),
        signed(&world, &request, &[&third["secret"]])
    );
}

#[tokio::test]
async fn a_test_delivery_of_a_webhook_carries_one_event_in_lunes_envelope() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let made = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    let request = arrival(&world, &receiver, &made).await;
    let body: Value = serde_json::from_str(&request.body).expect("JSON");
    let event = &body["events"][0];
    assert_eq!(body["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(event["api_version"], "v1");
    assert_eq!(event["event_type"], "order.received");
    assert_eq!(event["account_id"], json!(world.tenant.account));
    assert_eq!(event["data"]["order"]["id"], "ord_1");
    assert!(event["sequence"].is_string(), "{event}");
    assert!(request.headers.contains_key("webhook-signature"));
}
