//! Replays: what failed, arrived or is withheld is sent again, the oldest first, once, and at the
//! pace of its policy; whoever stops on the way, it comes to its end.

mod crash;
mod in_order;

use crate::health::{MINUTE, POLICIES, heard, report, with_health};
use herald_local::world::{
    DAWN, Reply, World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// The fields of a policy that gives up after one retry, and has no health.
fn brief() -> Value {
    json!({
        "health": null,
        "retryPolicy": {
            "schedule": "arithmetic", "firstRetrySeconds": 1, "intervalSeconds": 1, "retries": 1,
        },
    })
}

/// Has a policy fail to tell some events, and tell others; returns its path.
async fn told_and_failed(world: &World, receiver: &Receiver, fields: Value) -> String {
    let path = with_health(world, receiver, fields).await;
    report(world, &["told"]).await;
    receiver.answer_at("/hook", Answer::Status(500));
    report(world, &["c", "a", "b"]).await;
    world.turn(MINUTE).await;
    receiver.answer_at("/hook", Answer::Status(200));
    world.clock.advance(MINUTE);
    path
}

async fn replay(world: &World, policy: &str, body: Value) -> Reply {
    let path = format!("{policy}/replays");
    world.call(Method::POST, &path, body).await
}

/// Starts a replay; returns its path.
async fn started(world: &World, policy: &str, body: Value) -> String {
    let reply = replay(world, policy, body).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    assert_eq!(reply.json["status"], "running");
    let id = reply.json["id"].as_str().expect("an id");
    format!("{policy}/replays/{id}")
}

/// Since before anything happened.
fn since() -> Value {
    json!({ "since": DAWN })
}

#[tokio::test]
async fn what_failed_is_sent_again_the_oldest_first_and_nothing_else() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let mut fields = brief();
    fields["maxPerSecond"] = json!(1);
    let policy = told_and_failed(&world, &receiver, fields).await;
    let before = heard(&receiver).len();
    let path = started(&world, &policy, since()).await;
    for _ in 0..5 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(heard(&receiver)[before..], ["c", "a", "b"]);
    for event in ["a", "b", "c"] {
        let delivery = world.delivery(event).await;
        assert_eq!(delivery["status"], "delivered");
        assert_eq!(delivery["attemptCount"], 3, "each attempt stays on record");
    }
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!((&shown["examined"], &shown["sent"]), (&json!(4), &json!(3)));
    assert!(shown["endedAt"].is_string());
    let listed = world.get(&format!("{policy}/replays")).await;
    assert_eq!(listed["items"], json!([shown]));
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_and_failed(&world, &receiver, brief()).await;
    let before = receiver.received().len();
    for (fields, matched) in [
        (json!({}), 3),
        (json!({ "statuses": ["delivered", "failed"] }), 4),
        (json!({ "eventTypes": ["order.shipped"] }), 3),
        (json!({ "until": "2026-01-05T10:00:02Z" }), 1),
    ] {
        let mut body = since();
        body["dryRun"] = json!(true);
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let reply = replay(&world, &policy, body).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        assert_eq!(reply.json["matched"], matched, "{fields}");
        assert_eq!(reply.json["complete"], true);
    }
    world.settle().await;
    assert_eq!(receiver.received().len(), before);
    let listed = world.get(&format!("{policy}/replays")).await;
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test]
async fn one_replay_runs_at_a_time_and_can_be_cancelled() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_and_failed(&world, &receiver, brief()).await;
    let before = receiver.received().len();
    let path = started(&world, &policy, since()).await;
    let second = replay(&world, &policy, since()).await;
    assert_eq!(second.status, 409);
    let (_, id) = path.rsplit_once('/').expect("a path");
    let detail = second.json["detail"].as_str().expect("a detail");
    assert!(detail.contains(id), "{detail}");
    let cancel = format!("{path}/cancel");
    let cancelled = world.call(Method::POST, &cancel, Value::Null).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(cancelled.json["status"], "cancelled");
    let again = world.call(Method::POST, &cancel, Value::Null).await;
    assert_eq!(again.status, 409, "it has ended");
    world.settle().await;
    assert_eq!(receiver.received().len(), before);
    started(&world, &policy, since()).await;
    world.settle().await;
    assert_eq!(receiver.received().len(), before + 3);
}

#[tokio::test]
async fn what_was_withheld_by_hand_is_sent_once_somebody_asks() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = with_health(&world, &receiver, brief()).await;
    let set = async |status: &str| {
        let body = json!({ "status": status });
        let changed = world.call(Method::PATCH, &policy, body).await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        world.settle().await;
    };
    set("inactive").await;
    report(&world, &["a", "b"]).await;
    let withheld = json!({ "since": DAWN, "statuses": ["withheld"] });
    let refused = replay(&world, &policy, withheld.clone()).await;
    assert_eq!(refused.status, 409, "it would be withheld again");
    set("active").await;
    assert_eq!(heard(&receiver), [""; 0]);
    started(&world, &policy, withheld).await;
    world.settle().await;
    let mut heard = heard(&receiver);
    heard.sort();
    assert_eq!(heard, ["a", "b"]);
}

#[tokio::test]
async fn a_replay_keeps_to_the_pace_and_goes_on_where_it_stopped() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = with_health(&world, &receiver, brief()).await;
    for part in 0..7 {
        let event = |number| json!({ "id": format!("e{part}-{number}"), "type": "order.shipped" });
        let events: Vec<_> = (0..87).map(event).collect();
        let body = json!({ "events": events });
        world
            .call(Method::POST, "/herald/v1/events/batch", body)
            .await;
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(heard(&receiver).len(), 609);
    let change = json!({ "maxPerSecond": 1 });
    world.call(Method::PATCH, &policy, change).await;
    let mut body = since();
    body["statuses"] = json!(["delivered"]);
    let path = started(&world, &policy, body).await;
    world.settle().await;
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "running");
    assert_eq!(shown["sent"], 600, "ten minutes' worth");
    let mut last = heard(&receiver).len();
    for _ in 0..13 {
        world.turn(MINUTE).await;
        let made = heard(&receiver).len();
        assert!(made <= last + 121, "{} in two minutes", made - last);
        last = made;
    }
    let shown = world.get(&path).await;
    assert_eq!(shown["status"], "completed");
    assert_eq!(shown["sent"], 609);
    let mut again = heard(&receiver).split_off(609);
    assert_eq!(again.len(), 609);
    again.sort();
    again.dedup();
    assert_eq!(again.len(), 609, "each once");
}

#[tokio::test]
async fn a_replay_ends_with_its_policy_and_sends_to_nobody_who_is_gone() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_and_failed(&world, &receiver, brief()).await;
    let before = receiver.received().len();
    let recipients = json!({ "recipients": [receiver.url("/other")] });
    let changed = world.call(Method::PATCH, &policy, recipients).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    let path = started(&world, &policy, since()).await;
    world.settle().await;
    assert_eq!(world.get(&path).await["sent"], 0);
    assert_eq!(world.delivery("a").await["status"], "failed", "it stays so");
    started(&world, &policy, since()).await;
    let deleted = world.call(Method::DELETE, &policy, Value::Null).await;
    assert_eq!(deleted.status, 204);
    world.settle().await;
    assert_eq!(receiver.received().len(), before);
    let running = (
        world.tenant,
        policy.trim_start_matches(POLICIES)[1..]
            .parse()
            .expect("an id"),
    );
    let running = world.service.parts.store.running_replay(running).await;
    assert_eq!(running.expect("an answer"), None);
}

#[tokio::test]
async fn a_replay_ends_where_its_policy_becomes_ordered_and_sends_nothing_beside_the_log() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_and_failed(&world, &receiver, brief()).await;
    let before = receiver.received().len();
    let path = started(&world, &policy, since()).await;
    let ordered = json!({ "deliveryMode": "ordered" });
    let changed = world.call(Method::PATCH, &policy, ordered).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    world.settle().await;
    assert_eq!(world.get(&path).await["status"], "cancelled");
    assert_eq!(receiver.received().len(), before);
}

#[tokio::test]
async fn an_event_that_is_no_longer_kept_changes_nothing_that_is_on_record() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = told_and_failed(&world, &receiver, brief()).await;
    let failed = world.delivery("b").await;
    let dawn: jiff::Timestamp = DAWN.parse().expect("an instant");
    // Between the end of the events' retention, and that of the deliveries that failed later.
    let between =
        dawn + world.service.parts.store.retention() + jiff::SignedDuration::from_secs(30);
    world.engine.expire(between).await;
    let path = started(&world, &policy, since()).await;
    world.settle().await;
    let shown = world.get(&path).await;
    assert_eq!((&shown["examined"], &shown["sent"]), (&json!(1), &json!(0)));
    let id = failed["id"].as_str().expect("an id");
    let still = world.get(&format!("/herald/v1/deliveries/{id}")).await;
    assert_eq!(still["status"], "failed");
}
