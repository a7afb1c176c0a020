//! `POST …/{id}/test`: a policy is tried while the caller waits, and nothing of it is kept.

use crate::{
    own_policies::{own, path, told},
    own_policy_changes::change,
};
use herald_local::world::{
    Reply, World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};

pub(crate) async fn test_delivery(world: &World, policy: &Value, body: &str) -> Reply {
    let path = format!("{}/test", path(policy));
    let request = World::request(Method::POST, &path).body(body.to_owned().into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_test_delivery_arrives_and_leaves_no_trace() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let fields = json!({
        "recipients": [receiver.url("/hook")], "eventTypes": ["order.paid", "INVOICE_ISSUED"],
        "headers": { "X-Team": "billing" },
    });
    let policy = own(&world, fields).await;
    let rows = world.rows_of(world.tenant.account).await;
    let reply = test_delivery(&world, &policy, "").await;
    let expected = json!({
        "success": true, "message": "the receiver accepted the webhook",
        "attempt": {
            "number": 1, "at": "2026-01-05T10:00:00Z", "durationMs": 0, "statusCode": 200,
            "answer": "",
        },
    });
    assert_eq!((reply.status.as_u16(), &reply.json), (200, &expected));
    let [request] = &receiver.received()[..] else {
        panic!("one webhook");
    };
    let body: Value = serde_json::from_str(&request.body).expect("JSON");
    assert_eq!(
        (&body["type"], &body["data"]["order"]["id"]),
        (&json!("order.paid"), &json!("ord_1"))
    );
    assert!(
        body["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("test_"))
    );
    assert_eq!(request.header("x-team"), "billing");
    assert!(request.headers.contains_key("webhook-signature"));
    let event = format!("/herald/v1/events/{}", body["id"].as_str().expect("an id"));
    assert_eq!(
        world.call(Method::GET, &event, json!(null)).await.status,
        404
    );
    assert_eq!(world.get("/herald/v1/deliveries").await["items"], json!([]));
    assert_eq!(
        world.rows_of(world.tenant.account).await,
        rows,
        "nothing is recorded"
    );
    assert_eq!(world.get(&path(&policy)).await, policy);
    world.settle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_test_delivery_names_its_recipient_and_its_type() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let (a, b) = (receiver.url("/a"), receiver.url("/b"));
    let policy = own(&world, json!({ "recipients": [a, b] })).await;
    let id = &policy["recipients"][1]["id"];
    for (body, path, name) in [
        (json!({}), "/a", "CUSTOMER_CREATED"),
        (
            json!({ "recipient": null, "eventType": null }),
            "/a",
            "CUSTOMER_CREATED",
        ),
        (json!({ "recipient": b }), "/b", "CUSTOMER_CREATED"),
        (
            json!({ "recipient": id, "eventType": "order.failed" }),
            "/b",
            "order.failed",
        ),
    ] {
        let reply = test_delivery(&world, &policy, &body.to_string()).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["success"]),
            (200, &json!(true)),
            "{body}"
        );
        let request = receiver.received().pop().expect("a webhook");
        let told: Value = serde_json::from_str(&request.body).expect("JSON");
        assert_eq!(
            (request.path.as_str(), &told["type"]),
            (path, &json!(name)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn what_is_asked_of_a_test_delivery_follows_its_rules() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/a")] })).await;
    let sequence = world.policy(&[receiver.url("/b")]).await;
    let recipient = "recipient must be a recipient of the policy, by id or target";
    let known = "eventType must be a known event type";
    let there = "eventType must be an event type that the dialect sequence knows";
    for (policy, body, expected) in [
        (&policy, json!({ "recipient": "nobody" }), vec![recipient]),
        (&policy, json!({ "recipient": "" }), vec![recipient]),
        (
            &policy,
            json!({ "recipient": sequence["recipients"][0] }),
            vec![recipient],
        ),
        (
            &policy,
            json!({ "recipient": 7 }),
            vec!["recipient must be a string"],
        ),
        (&policy, json!({ "eventType": "x" }), vec![known]),
        (&policy, json!({ "eventType": "a\r\nb" }), vec![known]),
        (
            &policy,
            json!({ "eventType": ["x"] }),
            vec!["eventType must be a string"],
        ),
        (&sequence, json!({ "eventType": "order.paid" }), vec![there]),
        (
            &policy,
            json!({ "to": "x", "recipient": "x", "eventType": "" }),
            vec!["to is not a known field", recipient, known],
        ),
        (&policy, json!("x"), vec!["body must be a JSON object"]),
    ] {
        let reply = test_delivery(&world, policy, &body.to_string()).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.json);
        assert_eq!(told(&reply), expected, "{body}");
    }
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn a_test_delivery_that_fails_says_why_and_suspends_nobody() {
    let world = World::new().await;
    let answer = Answer::Body(500, "out of order".to_owned());
    let receiver = Receiver::start([answer, Answer::Status(410), Answer::Never]).await;
    let closed = Receiver::start([])
        .await
        .url("/hook")
        .replace("127.0.0.1", "127.0.0.2");
    let policy = own(
        &world,
        json!({ "recipients": [receiver.url("/hook"), closed] }),
    )
    .await;
    for (message, status) in [
        ("the receiver answered 500", json!(500)),
        ("the receiver answered 410", json!(410)),
        ("the receiver did not answer in time", json!(null)),
    ] {
        let reply = test_delivery(&world, &policy, "").await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["success"]),
            (200, &json!(false))
        );
        assert_eq!(reply.json["message"], message);
        assert_eq!(reply.json["attempt"]["error"], message);
        assert_eq!(
            reply.json["attempt"]
                .get("statusCode")
                .unwrap_or(&json!(null)),
            &status
        );
    }
    let body = json!({ "recipient": closed }).to_string();
    let reply = test_delivery(&world, &policy, &body).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["success"]),
        (200, &json!(false))
    );
    assert_eq!(world.get(&path(&policy)).await, policy);
    world.settle().await;
    assert_eq!(receiver.received().len(), 3, "nothing is tried again");
}

#[tokio::test]
async fn a_suspended_webhook_may_be_tried() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let url = receiver.url("/hook");
    let policy = own(&world, json!({ "recipients": [url] })).await;
    let by_hand = json!({ "recipients": [{ "target": url, "status": "suspended" }] });
    let suspended = change(&world, &policy, by_hand).await.json;
    assert_eq!(
        test_delivery(&world, &policy, "").await.json["success"],
        true
    );
    assert_eq!(
        world.get(&path(&policy)).await,
        suspended,
        "and stays suspended"
    );
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_test_delivery_of_a_policy_of_sequence_looks_like_sequences() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;
    let reply = test_delivery(&world, &policy, r#"{"eventType":"QUOTE_SIGNED"}"#).await;
    assert_eq!(reply.json["success"], true, "{}", reply.json);
    let [request] = &receiver.received()[..] else {
        panic!("one webhook");
    };
    let body: Value = serde_json::from_str(&request.body).expect("JSON");
    assert_eq!(body["notificationType"], "QUOTE_SIGNED", "{body}");
    assert!(request.headers.contains_key("sequence-signature"));
}
