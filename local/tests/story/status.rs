//! A policy's status by hand: what an inactive one hears is kept until somebody has it tried again.

use crate::health::{MINUTE, heard, report, status, with_health};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};

async fn say(world: &World, path: &str, status: &str) -> Value {
    let said = json!({ "status": status });
    let changed = world.call(Method::PATCH, path, said).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    changed.json
}

async fn retried(world: &World, event: &str) -> u16 {
    let id = world.delivery(event).await["id"].clone();
    let path = format!(
        "/herald/v1/deliveries/{}/retry",
        id.as_str().expect("an id")
    );
    world
        .call(Method::POST, &path, Value::Null)
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn what_an_inactive_policy_hears_stays_until_it_is_tried_again() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    let path = with_health(&world, &receiver, json!({ "health": null })).await;
    assert_eq!(status(&world, &path).await, "active");
    let inactive = say(&world, &path, "inactive").await;
    assert_eq!(inactive["status"], "inactive");
    assert_eq!(inactive["statusSince"], "2026-01-05T10:00:00Z");
    report(&world, &["a"]).await;
    let delivery = world.delivery("a").await;
    assert_eq!(
        (&delivery["status"], &delivery["reason"]),
        (&json!("withheld"), &json!("policy_inactive"))
    );
    assert_eq!(
        retried(&world, "a").await,
        409,
        "it would be withheld again"
    );
    assert_eq!(say(&world, &path, "active").await["status"], "active");
    world.settle().await;
    assert_eq!(heard(&receiver).len(), 0, "nobody asked for it");
    report(&world, &["b"]).await;
    assert_eq!(heard(&receiver).len(), 1);
    assert_eq!(retried(&world, "a").await, 202);
    world.settle().await;
    assert_eq!(heard(&receiver).len(), 2);
    assert_eq!(world.delivery("a").await["status"], "delivered");
}

#[tokio::test]
async fn a_policy_that_is_made_inactive_is_not_probed_until_it_is_activated() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = with_health(&world, &receiver, json!({ "status": "inactive" })).await;
    world.turn(MINUTE).await;
    assert_eq!(status(&world, &path).await, "inactive");
    assert_eq!(receiver.paths().len(), 0);
    assert_eq!(say(&world, &path, "active").await["status"], "pending");
    world.turn(MINUTE).await;
    assert_eq!(status(&world, &path).await, "active");
}

#[tokio::test]
async fn nobodys_word_makes_a_policy_healthy() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let path = with_health(&world, &receiver, json!({})).await;
    assert_eq!(say(&world, &path, "active").await["status"], "pending");
    assert_eq!(say(&world, &path, "active").await["version"], 1);
}

#[tokio::test]
async fn a_policy_that_is_made_inactive_keeps_what_waits_with_its_attempts() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let path = with_health(&world, &receiver, json!({ "health": null })).await;
    report(&world, &["a"]).await;
    say(&world, &path, "inactive").await;
    world.turn(MINUTE).await;
    let delivery = world.delivery("a").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&json!("withheld"), &json!(1))
    );
    say(&world, &path, "active").await;
    assert_eq!(retried(&world, "a").await, 202);
    world.settle().await;
    assert_eq!(world.delivery("a").await["attemptCount"], 2);
}

#[tokio::test]
async fn policies_are_listed_by_their_status() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    with_health(&world, &receiver, json!({})).await;
    with_health(&world, &receiver, json!({ "status": "inactive" })).await;
    for (status, count) in [
        ("active", 0),
        ("pending", 1),
        ("inactive", 1),
        ("suspended", 0),
    ] {
        let path = format!("/herald/v1/policies?status={status}");
        let listed = world.get(&path).await;
        assert_eq!(
            listed["items"].as_array().map(Vec::len),
            Some(count),
            "{status}"
        );
    }
    let unknown = world.get("/herald/v1/policies?status=asleep").await;
    assert_eq!(unknown["errors"][0]["field"], "status");
}
