//! `POST /api/v3/notification/webhooks/test/{id}`: a webhook that is really delivered, and what is told
//! of it.

use crate::pulse_creation::{CREATED, WEBHOOKS, path, webhook};
use herald_local::world::{
    Reply, World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

async fn test_delivery(world: &World, webhook: &Value) -> Reply {
    let path = path(webhook).replace(WEBHOOKS, &format!("{WEBHOOKS}/test"));
    let request = World::request(Method::POST, &path).body("".into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_test_delivery_arrives_and_leaves_no_trace() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let made = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    let rows = world.rows_of(world.tenant.account).await;
    let reply = test_delivery(&world, &made).await;
    let expected = json!({ "success": true, "message": "the receiver accepted the webhook" });
    assert_eq!((reply.status.as_u16(), &reply.json), (200, &expected));
    assert_eq!(reply.headers["content-type"], "application/vnd.api+json");
    let [request] = &receiver.received()[..] else {
        panic!("one webhook");
    };
    let expected = format!(
        r#"{{"event":"{CREATED}","resource_id":null,"account_id":1,"occurred_at":"2026-01-05T10:00:00Z","payload":{{"id":7,"name":"Translations","status":"open"}}}}"#
    );
    assert_eq!(request.body, expected);
    let secret = made["attributes"]["secret"].as_str().expect("a secret");
    let library = Webhook::new(secret).expect("a secret of the standard form");
    let seconds = request
        .header("webhook-timestamp")
        .parse()
        .expect("seconds");
    let signed = library.sign(request.header("webhook-id"), seconds, expected.as_bytes());
    assert_eq!(request.header("webhook-signature"), signed.expect("signs"));
    assert_eq!(world.rows_of(world.tenant.account).await, rows);
    assert_eq!(world.get(&path(&made)).await["data"], made);
}

#[tokio::test]
async fn a_test_delivery_that_fails_says_so_and_is_answered_200() {
    let world = World::new().await;
    for (answer, message) in [
        (Answer::Status(500), "500"),
        (Answer::Status(410), "410"),
        (Answer::Status(302), "302"),
        (Answer::Never, "time"),
    ] {
        let receiver = Receiver::start([answer]).await;
        let made = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
        let reply = test_delivery(&world, &made).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json["success"], false);
        let told = reply.json["message"].as_str().expect("a text");
        assert!(told.contains(message), "{message}: {told}");
        assert_eq!(reply.json.as_object().map(serde_json::Map::len), Some(2));
    }
}
