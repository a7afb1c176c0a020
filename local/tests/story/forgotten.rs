//! What ended longer ago than the retention is forgotten, and what has not ended is found until it does.

use herald::clock::Clock;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const DELIVERIES: &str = "/herald/v1/deliveries";

/// A policy of Herald's own; returns its path.
pub(crate) async fn policy(world: &World, recipient: &str, fields: Value) -> String {
    let mut body = json!({
        "name": "Ledger", "channel": "webhook", "recipients": [recipient], "eventTypes": null,
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = world.call(Method::POST, "/herald/v1/policies", body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    format!(
        "/herald/v1/policies/{}",
        made.json["id"].as_str().expect("an id")
    )
}

/// Days go by, each with what the timer and the table's time to live do.
pub(crate) async fn pass(world: &World, days: u32) {
    for _ in 0..days {
        world.turn(DAY).await;
        world.engine.expire(world.clock.now()).await;
    }
}

/// The statuses of all that a list of the last 60 days shows.
async fn listed(world: &World) -> Vec<Value> {
    let listed = world.get(DELIVERIES).await;
    let items = listed["items"].as_array().expect("items").iter();
    items.map(|item| item["status"].clone()).collect()
}

fn path(delivery: &Value) -> String {
    format!("{DELIVERIES}/{}", delivery["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn what_was_delivered_is_forgotten_after_the_retention_though_its_event_is_kept_for_another()
{
    for is_kept in [false, true] {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        policy(&world, &receiver.url("/hook"), json!({})).await;
        world.report("e").await;
        world.settle().await;
        let delivered = path(&world.delivery("e").await);
        let inactive = json!({ "status": "inactive" });
        if is_kept {
            policy(&world, &receiver.url("/other"), inactive).await;
            world.report("f").await;
            world.settle().await;
        }
        pass(&world, 29).await;
        assert_eq!(world.get(&delivered).await["status"], "delivered");
        pass(&world, 2).await;
        let expected = if is_kept {
            vec![json!("withheld")]
        } else {
            vec![]
        };
        assert_eq!(listed(&world).await, expected);
        for (method, path) in [
            (Method::GET, delivered.clone()),
            (Method::POST, format!("{delivered}/retry")),
            (Method::POST, format!("{delivered}/cancel")),
        ] {
            let reply = world.call(method, &path, json!(null)).await;
            assert_eq!(reply.status, 404, "{path}: {}", reply.json);
        }
        assert_eq!(
            receiver
                .paths()
                .iter()
                .filter(|path| *path == "/hook")
                .count(),
            1 + usize::from(is_kept)
        );
    }
}

#[tokio::test]
async fn what_is_withheld_is_found_until_it_is_sent() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    let policy = policy(
        &world,
        &receiver.url("/hook"),
        json!({ "status": "inactive" }),
    )
    .await;
    world.report("e").await;
    world.settle().await;
    let withheld = path(&world.delivery("e").await);
    pass(&world, 70).await;
    assert_eq!(world.get(&withheld).await["status"], "withheld");
    let event = world.get("/herald/v1/events/e").await;
    assert_eq!(event["deliveries"]["items"][0]["status"], "withheld");
    let on = world
        .call(Method::PATCH, &policy, json!({ "status": "active" }))
        .await;
    assert_eq!(on.status, 200, "{}", on.json);
    let retry = world
        .call(Method::POST, &format!("{withheld}/retry"), json!(null))
        .await;
    assert_eq!(retry.status, 202, "{}", retry.json);
    world.settle().await;
    assert_eq!(world.get(&withheld).await["status"], "delivered");
}

#[tokio::test]
async fn what_waits_in_order_is_pending_until_it_is_told_and_forgotten_after_that() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 20_000]).await;
    let ordered = json!({ "deliveryMode": "ordered" });
    policy(&world, &receiver.url("/hook"), ordered).await;
    world.report("e").await;
    world.settle().await;
    let waiting = path(&world.delivery("e").await);
    pass(&world, 70).await;
    assert_eq!(world.get(&waiting).await["status"], "pending");
    receiver.recover();
    pass(&world, 1).await;
    assert_eq!(world.get(&waiting).await["status"], "delivered");
    pass(&world, 31).await;
    let reply = world.call(Method::GET, &waiting, json!(null)).await;
    assert_eq!(reply.status, 404, "{}", reply.json);
}

#[tokio::test]
async fn a_delivery_is_not_tried_again_with_an_event_that_was_reported_under_the_same_id_since() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 2]).await;
    let twice = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 20 * DAY.as_secs(), "intervalSeconds": 0,
        "retries": 1,
    });
    policy(
        &world,
        &receiver.url("/hook"),
        json!({ "retryPolicy": twice }),
    )
    .await;
    world.report("e").await;
    world.settle().await;
    let failed = path(&world.delivery("e").await);
    pass(&world, 31).await;
    assert_eq!(world.get(&failed).await["status"], "failed");
    assert_eq!(world.report("e").await.status, 202);
    world.settle().await;
    let retry = format!("{failed}/retry");
    let reply = world.call(Method::POST, &retry, json!(null)).await;
    assert_eq!(reply.status, 409, "{}", reply.json);
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn what_is_forgotten_stays_so_once_the_retention_is_longer() {
    let mut world = World::new().await;
    let receiver = Receiver::start([]).await;
    policy(&world, &receiver.url("/hook"), json!({})).await;
    world.report("e").await;
    world.settle().await;
    let forgotten = path(&world.delivery("e").await);
    pass(&world, 31).await;
    world.retain(90 * DAY);
    for expected in [vec![], vec![json!("delivered")]] {
        let reply = world.call(Method::GET, &forgotten, json!(null)).await;
        assert_eq!(reply.status, 404, "{}", reply.json);
        assert_eq!(listed(&world).await, expected);
        world.report("e").await;
        world.settle().await;
    }
}
