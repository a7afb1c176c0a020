//! Up to a hundred events in one request, each answered for itself.

use crate::keys;
use herald::queue::QueueName;
use herald_local::world::{World, receiver::Receiver};
use http::Method;
use serde_json::{Value, json};

const BATCH: &str = "/herald/v1/events/batch";

fn event(id: &str) -> Value {
    json!({ "id": id, "type": "INVOICE_ISSUED", "data": { "id": id } })
}

async fn report(world: &World, events: Value) -> Vec<Value> {
    let reply = world
        .call(Method::POST, BATCH, json!({ "events": events }))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn every_event_is_answered_in_its_place_and_the_good_ones_arrive() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    report(&world, json!([event("known")])).await;
    let mut other = event("known");
    other["data"] = json!({ "other": true });
    let items = report(
        &world,
        json!([
            event("a"),
            { "id": "b", "type": "NOPE", "more": 1 },
            "no event",
            event("known"),
            other,
            event("c"),
        ]),
    )
    .await;
    let expected = json!([
        { "status": 202, "id": "a", "duplicate": false },
        {
            "status": 400, "detail": "more is not a known field; type must be a known event type",
            "errors": [
                { "field": "more", "detail": "is not a known field" },
                { "field": "type", "detail": "must be a known event type" },
            ],
        },
        {
            "status": 400, "detail": "body must be a JSON object",
            "errors": [{ "field": "body", "detail": "must be a JSON object" }],
        },
        { "status": 202, "id": "known", "duplicate": true },
        { "status": 409, "detail": "another event was reported as known" },
        { "status": 202, "id": "c", "duplicate": false },
    ]);
    assert_eq!(json!(items), expected);
    world.settle().await;
    let mut told: Vec<_> = receiver
        .received()
        .iter()
        .map(|webhook| {
            let body: Value = serde_json::from_str(&webhook.body).expect("JSON");
            body["resource"]["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    told.sort();
    assert_eq!(told, ["a", "c", "known"]);
}

#[tokio::test]
async fn an_event_that_stands_twice_in_a_batch_is_one_event() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let items = report(&world, json!([event("a"), event("a")])).await;
    let mut duplicates: Vec<_> = items
        .iter()
        .map(|item| item["duplicate"].as_bool())
        .collect();
    duplicates.sort();
    assert_eq!(duplicates, [Some(false), Some(true)]);
    world.settle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_batch_holds_one_to_a_hundred_events() {
    let world = World::new().await;
    let many = |count: usize| -> Value { (0..count).map(|n| event(&format!("e{n}"))).collect() };
    for body in [
        json!({}),
        json!({ "events": null }),
        json!({ "events": {} }),
        json!({ "events": [] }),
        json!({ "events": many(101) }),
    ] {
        let reply = world.call(Method::POST, BATCH, body.clone()).await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, vec!["events"]),
            "{body:.60}"
        );
    }
    assert_eq!(
        world.service.parts.queue.len(QueueName::Events),
        0,
        "nothing was done"
    );
    assert_eq!(report(&world, many(100)).await.len(), 100);
    world.settle().await;
}

#[tokio::test]
async fn a_cut_at_any_moment_loses_nothing_that_was_accepted() {
    let events = json!([event("a"), event("b"), event("c")]);
    for requests in 0..20 {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        world.policy(&[receiver.url("/hook")]).await;
        world.wire.cut_after(requests);
        let body = json!({ "events": events });
        let first = world.call(Method::POST, BATCH, body.clone()).await;
        let was_cut = world.wire.mend();
        assert_eq!(
            was_cut,
            first.status == 500 || first.json.to_string().contains("500")
        );
        let again = world.call(Method::POST, BATCH, body).await;
        let items = again.json["items"].as_array().expect("items");
        assert!(
            items.iter().all(|item| item["status"] == 202),
            "{requests}: {items:?}"
        );
        world.settle().await;
        assert_eq!(receiver.received().len(), 3, "{requests}");
        if !was_cut {
            return;
        }
    }
    panic!("a batch of three takes fewer requests");
}

/// Reports a batch under an idempotency key.
async fn report_keyed(world: &World, key: &str, events: Value) -> Vec<Value> {
    let request = World::request(Method::POST, BATCH)
        .header("Idempotency-Key", key)
        .body(json!({ "events": events }).to_string().into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a_batch_that_is_repeated_under_its_key_is_told_once_though_its_events_have_no_ids() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let nameless = json!({ "type": "INVOICE_ISSUED", "data": { "n": 1 } });
    let events = json!([nameless, nameless, event("a")]);
    let first = report_keyed(&world, "k", events.clone()).await;
    assert_eq!(first[2]["id"], "a", "an id counts more than the key");
    assert_ne!(first[0]["id"], first[1]["id"], "each has its own place");
    let again = report_keyed(&world, "k", events.clone()).await;
    for (first, again) in first.iter().zip(&again) {
        let expected = json!({ "status": 202, "id": first["id"], "duplicate": true });
        assert_eq!(again, &expected);
    }
    let mut changed = events;
    changed[1]["data"] = json!({ "n": 2 });
    let statuses = |items: &[Value]| -> Vec<Value> {
        items.iter().map(|item| item["status"].clone()).collect()
    };
    let items = report_keyed(&world, "k", changed.clone()).await;
    assert_eq!(statuses(&items), [202, 409, 202]);
    let items = report_keyed(&world, "other", changed).await;
    assert_eq!(items[1]["duplicate"], false, "another key, another event");
    world.settle().await;
    assert_eq!(receiver.received().len(), 5);
}

#[tokio::test]
async fn the_key_of_a_batch_names_no_event_that_was_reported_alone() {
    let world = World::new().await;
    let nameless = json!({ "type": "INVOICE_ISSUED" });
    let items = report_keyed(&world, "k", json!([nameless])).await;
    for key in ["k", "k0", "k#0"] {
        let request = World::request(Method::POST, "/herald/v1/events")
            .header("Idempotency-Key", key)
            .body(nameless.to_string().into());
        let alone = world.send(request.expect("a request")).await.json;
        assert_ne!(alone["id"], items[0]["id"], "{key}");
        assert_eq!(alone["duplicate"], false, "{key}");
    }
    world.settle().await;
}

#[tokio::test]
async fn a_key_that_breaks_its_rule_is_told_to_each_event_that_needs_one() {
    let world = World::new().await;
    let events = json!([event("a"), { "type": "INVOICE_ISSUED" }]);
    let items = report_keyed(&world, "two words", events).await;
    assert_eq!(items[0]["status"], 202);
    assert_eq!(items[1]["status"], 400);
    assert_eq!(items[1]["errors"][0]["field"], "Idempotency-Key");
    world.settle().await;
}

#[tokio::test]
async fn a_batch_needs_the_role_to_publish() {
    let world = World::new().await;
    let request = http::Request::post(BATCH).body("{}".into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!(reply.status, 401);
}
