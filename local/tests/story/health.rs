//! A policy with health: what it hears while its health URL is not healthy is withheld, and sent on
//! recovery, the oldest first.

use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const POLICIES: &str = "/herald/v1/policies";
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// Makes a policy with health, and some fields more; returns its path.
pub(crate) async fn with_health(world: &World, receiver: &Receiver, fields: Value) -> String {
    let mut body = json!({
        "name": "P", "channel": "webhook", "recipients": [receiver.url("/hook")],
        "health": { "url": receiver.url("/health") }, "eventTypes": ["INVOICE_ISSUED"],
    });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    // Herald's own dialect knows no such type of itself.
    let of_dialect = json!({ "dialects": ["herald"], "description": "An order left the house" });
    let path = "/herald/v1/event-types/order.shipped";
    world.operate(Method::PUT, path, of_dialect).await;
    body["eventTypes"] = json!(["order.shipped"]);
    let made = world.call(Method::POST, POLICIES, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    format!("{POLICIES}/{}", made.json["id"].as_str().expect("an id"))
}

/// Reports events, and has them handled, a second after each other.
pub(crate) async fn report(world: &World, ids: &[&str]) {
    for id in ids {
        let body = json!({ "id": id, "type": "order.shipped" });
        let reported = world.call(Method::POST, "/herald/v1/events", body).await;
        assert_eq!(reported.status, 202, "{}", reported.json);
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }
}

/// The events of the webhooks that came in, in their order.
pub(crate) fn heard(receiver: &Receiver) -> Vec<String> {
    let received = receiver.received().into_iter();
    received
        .filter(|request| request.path == "/hook")
        .map(|request| {
            let body: Value = serde_json::from_str(&request.body).expect("JSON");
            body["id"].as_str().expect("an id").to_owned()
        })
        .collect()
}

fn probes(receiver: &Receiver) -> usize {
    let paths = receiver.paths().into_iter();
    paths.filter(|path| path == "/health").count()
}

pub(crate) async fn status(world: &World, path: &str) -> Value {
    world.get(path).await["status"].clone()
}

#[tokio::test]
async fn a_new_policy_is_pending_until_its_first_healthy_probe() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(204));
    let path = with_health(&world, &receiver, json!({})).await;
    assert_eq!(status(&world, &path).await, "pending");
    report(&world, &["a", "b"]).await;
    assert_eq!(world.delivery("a").await["reason"], "policy_pending");
    world.turn(MINUTE).await;
    // Only 200 says that it is healthy.
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "pending");
    let last = &shown["health"]["lastProbe"];
    assert_eq!(
        (&last["healthy"], &last["statusCode"]),
        (&json!(false), &json!(204))
    );
    receiver.answer_at("/health", Answer::Status(200));
    world.turn(MINUTE).await;
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["health"]["lastProbe"]["healthy"], true);
    assert_eq!(heard(&receiver).len(), 2);
    assert_eq!(world.delivery("a").await["status"], "delivered");
    assert_eq!(world.delivery("a").await["attemptCount"], 1);
}

#[tokio::test]
async fn a_probe_is_an_empty_post_without_a_signature() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    with_health(&world, &receiver, json!({})).await;
    world.turn(MINUTE).await;
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let probe = &received[0];
    assert_eq!((&*probe.path, &*probe.body), ("/health", ""));
    assert!(probe.header("user-agent").starts_with("Herald/"));
    assert!(!probe.headers.contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_healthy_policy_is_probed_every_five_minutes_and_any_other_every_minute() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    with_health(&world, &receiver, json!({})).await;
    for _ in 0..11 {
        world.turn(MINUTE).await;
    }
    assert_eq!(probes(&receiver), 3, "after 1, 6 and 11 minutes");
    receiver.answer_at("/health", Answer::Status(500));
    for _ in 0..10 {
        world.turn(MINUTE).await;
    }
    assert_eq!(
        probes(&receiver),
        3 + 6,
        "from the sixteenth minute on, each"
    );
}

#[tokio::test]
async fn a_policy_is_suspended_and_revived_by_its_health() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = with_health(&world, &receiver, json!({})).await;
    world.turn(MINUTE).await;
    receiver.answer_at("/health", Answer::Never);
    world.turn(5 * MINUTE).await;
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "suspended");
    assert!(shown["statusSince"].is_string());
    assert_eq!(shown["health"]["lastProbe"]["error"], "no answer in time");
    report(&world, &["a", "b", "c"]).await;
    assert_eq!(world.delivery("b").await["reason"], "policy_suspended");
    assert_eq!(heard(&receiver).len(), 0);
    receiver.answer_at("/health", Answer::Status(200));
    world.turn(MINUTE).await;
    let shown = world.get(&path).await;
    assert_eq!(
        (&shown["status"], &shown["statusSince"]),
        (&json!("active"), &Value::Null)
    );
    assert_eq!(heard(&receiver).len(), 3);
}

#[tokio::test]
async fn a_policy_that_withholds_nothing_is_never_suspended() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let health = json!({ "url": receiver.url("/health"), "withhold": false });
    let path = with_health(&world, &receiver, json!({ "health": health })).await;
    world.turn(MINUTE).await;
    receiver.answer_at("/health", Answer::Status(503));
    world.turn(5 * MINUTE).await;
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["health"]["lastProbe"]["healthy"], false);
    report(&world, &["a"]).await;
    assert_eq!(heard(&receiver).len(), 1);
}

#[tokio::test]
async fn a_new_url_is_probed_within_a_minute_and_no_url_needs_no_probe() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let path = with_health(&world, &receiver, json!({})).await;
    world.turn(MINUTE).await;
    let elsewhere = json!({ "health": { "url": receiver.url("/elsewhere") } });
    let changed = world.call(Method::PATCH, &path, elsewhere).await.json;
    assert_eq!(changed["status"], "pending");
    assert_eq!(changed["health"]["lastProbe"], Value::Null);
    world.turn(MINUTE).await;
    assert_eq!(status(&world, &path).await, "active");
    let asked = receiver.paths().len();
    let none = json!({ "health": null });
    let changed = world.call(Method::PATCH, &path, none).await.json;
    assert_eq!(
        (&changed["status"], &changed["health"]),
        (&json!("active"), &Value::Null)
    );
    for _ in 0..20 {
        world.turn(MINUTE).await;
    }
    assert_eq!(receiver.paths().len(), asked, "nobody asks any more");
}

#[tokio::test]
async fn without_health_a_suspended_policy_goes_on() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let path = with_health(&world, &receiver, json!({})).await;
    report(&world, &["a"]).await;
    let none = json!({ "health": null });
    let changed = world.call(Method::PATCH, &path, none).await.json;
    assert_eq!(changed["status"], "active");
    world.settle().await;
    assert_eq!(heard(&receiver).len(), 1);
}
