//! `POST /kms/egress/v2/keys-sym`, and a test that is signed with what it made.

use crate::{
    cybersource_creation::{path, request, subscription},
    lune_creation::below,
};
use data_encoding::BASE64;
use herald::signature::hmac_sha256;
use herald_local::world::{World, receiver::Receiver};
use http::Method;
use serde_json::{Value, json};

pub(crate) const KEYS: &str = "/kms/egress/v2/keys-sym";

/// The documented request, with some fields of its inner object replaced.
pub(crate) fn wanted(organization: &str, fields: &Value) -> Value {
    let mut inner = json!({
        "provider": "nrtd", "tenant": organization, "keyType": "sharedSecret",
        "organizationId": organization, "expiryDuration": "365",
    });
    for (name, value) in fields.as_object().expect("an object") {
        inner[name] = value.clone();
    }
    json!({ "clientRequestAction": "CREATE", "keyInformation": inner })
}

async fn made(world: &World) -> Value {
    let own = world.tenant.account.to_string();
    let reply = world
        .call(Method::POST, KEYS, wanted(&own, &json!({})))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    assert_eq!(reply.headers["cache-control"], "no-store");
    reply.json
}

#[tokio::test]
async fn a_key_is_shown_in_full_once() {
    let world = World::new().await;
    let key = made(&world).await;
    let (own, inner) = (world.tenant.account.to_string(), &key["keyInformation"]);
    let bytes = BASE64.decode(inner["key"].as_str().expect("a key").as_bytes());
    assert_eq!(bytes.map(|bytes| bytes.len()), Ok(32));
    let expected = json!({
        "submitTimeUtc": "2026-01-05T10:00:00.000Z",
        "status": "SUCCESS",
        "keyInformation": {
            "provider": "nrtd", "tenant": own, "organizationId": own,
            "keyId": inner["keyId"], "key": inner["key"], "keyType": "sharedSecret",
            "status": "Active", "expirationDate": "2027-01-05T10:00:00.000Z",
        },
    });
    assert_eq!(key, expected);
    let other = made(&world).await;
    assert_ne!(other["keyInformation"]["keyId"], inner["keyId"]);
}

#[tokio::test]
async fn what_is_wrong_stands_inside() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let body = json!({ "keyInformation": {} });
    let reply = world.call(Method::POST, KEYS, body).await;
    let told = &reply.json["keyInformation"]["errorInformation"];
    assert_eq!(
        (reply.status.as_u16(), &told["reason"]),
        (400, &json!("MISSING_FIELD"))
    );
    let fields = ["clientRequestAction", "keyType", "organizationId"];
    for (index, field) in fields.into_iter().enumerate() {
        let expected = json!({ "field": field, "reason": "is required" });
        assert_eq!(told["details"][index], expected);
    }
    for (name, value) in [
        ("keyType", "oAuthClientCredentials"),
        ("organizationId", "nobody"),
        ("expiryDuration", "0"),
    ] {
        let body = wanted(&own, &json!({ name: value }));
        let reply = world.call(Method::POST, KEYS, body).await;
        let told = &reply.json["keyInformation"]["errorInformation"];
        assert_eq!(
            (reply.status.as_u16(), &told["reason"]),
            (400, &json!("INVALID_DATA"))
        );
        assert_eq!(told["details"][0]["field"], name);
    }
    let mut body = wanted(&own, &json!({}));
    body["clientRequestAction"] = json!("STORE");
    let reply = world.call(Method::POST, KEYS, body).await;
    let told = &reply.json["keyInformation"]["errorInformation"]["details"][0]["reason"];
    assert_eq!(told, "must be CREATE: STORE is not offered here");
}

#[tokio::test]
async fn each_organization_has_a_key_of_its_own() {
    let world = World::new().await;
    below(&world, ["left"]).await;
    let body = wanted("left", &json!({}));
    let reply = world.call(Method::POST, KEYS, body).await;
    assert_eq!(reply.json["keyInformation"]["organizationId"], "left");
    let own = world.service.parts.store.signing_key(world.tenant).await;
    assert!(own.expect("an answer").is_none());
}

#[tokio::test]
async fn a_test_shows_what_it_posted_and_is_signed_with_the_key() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let key = &made(&world).await["keyInformation"];
    let url = json!({ "webhookUrl": receiver.url("/hook"), "healthCheckUrl": null });
    let made = subscription(&world, url).await;
    let reply = world.call(Method::POST, &path(&made), Value::Null).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    assert_eq!(
        reply.headers["herald-test"],
        "the receiver accepted the notification"
    );
    let requests = receiver.received();
    let posted = requests.last().expect("a request");
    let body: Value = serde_json::from_str(&posted.body).expect("JSON");
    assert_eq!(reply.json, body);
    let own = world.tenant.account.to_string();
    let expected = json!({
        "eventType": "invoicing.customer.invoice.cancel", "webhookId": made["webhookId"],
        "productId": "customerInvoicing", "organizationId": own,
        "eventDate": "2026-01-05T10:00:00", "transactionTraceId": body["transactionTraceId"],
        "retryNumber": 0, "requestType": "NEW",
        "payloads": { "testPayload": { "message": "This is a test of your webhook subscription" } },
    });
    assert_eq!(body, expected);
    let secret = key["key"].as_str().expect("a key").as_bytes();
    let secret = BASE64.decode(secret).expect("base64");
    let t = "1767607200000";
    let payload = &posted.body[posted.body.find(r#"{"testPayload""#).expect("a payload")..];
    let payload = payload.strip_suffix('}').expect("the end of the body");
    let mac = BASE64.encode(&hmac_sha256(&secret, &[t, ".", payload]));
    let id = key["keyId"].as_str().expect("an id");
    let expected = format!("t={t};keyId={id};sig={mac}");
    assert_eq!(posted.headers["v-c-signature"], expected.as_str());
}

#[tokio::test]
async fn a_test_that_is_refused_says_so_beside_its_body() {
    let world = World::new().await;
    let refuses = [herald_local::world::receiver::Answer::Status(500)];
    let receiver = Receiver::start(refuses).await;
    let own = world.tenant.account.to_string();
    let url = json!({ "webhookUrl": receiver.url("/hook"), "healthCheckUrl": null });
    let made = subscription(&world, request(&own, &url)).await;
    let reply = world.call(Method::POST, &path(&made), Value::Null).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    assert_eq!(reply.headers["herald-test"], "the receiver answered 500");
}
