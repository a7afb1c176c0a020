//! Nothing expires before it was told, whatever keeps it from being told.

use super::told_flat;
use crate::forgotten::{DAY, pass, policy};
use herald::clock::Clock;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// An ordered policy's path, with other fields.
async fn ordered(world: &World, receiver: &Receiver, fields: Value) -> String {
    world.may_leave_messages();
    let mut fields = fields;
    fields["deliveryMode"] = json!("ordered");
    policy(world, &receiver.url("/hook"), fields).await
}

async fn report(world: &World, id: &str) {
    assert_eq!(world.report(id).await.status, 202);
    world.settle().await;
}

async fn patch(world: &World, path: &str, body: Value) {
    let reply = world.call(Method::PATCH, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    world.settle().await;
}

/// What was told, without repetitions in a row.
fn told_once(receiver: &Receiver) -> Vec<String> {
    let mut told = told_flat(receiver);
    told.dedup();
    told
}

#[tokio::test]
async fn what_waits_while_the_retention_is_raised_is_told() {
    let mut world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = ordered(&world, &receiver, json!({ "status": "inactive" })).await;
    let ids: Vec<_> = (0..40).map(|day| format!("e{day}")).collect();
    for id in &ids {
        report(&world, id).await;
        pass(&world, 1).await;
    }
    world.retain(DAY * 365);
    pass(&world, 60).await;
    patch(&world, &path, json!({ "status": "active" })).await;
    assert_eq!(told_flat(&receiver), ids);
}

#[tokio::test]
async fn what_is_told_slowly_is_told_to_its_end() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    ordered(&world, &receiver, json!({ "maxPerSecond": 1 })).await;
    for number in 0..100 {
        assert_eq!(world.report(&format!("e{number}")).await.status, 202);
    }
    // A day stands for some thousands of requests.
    pass(&world, 50).await;
    assert_eq!(told_flat(&receiver).len(), 100);
}

#[tokio::test]
async fn what_stands_behind_a_long_wait_is_told() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(500)]).await;
    let retry = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 20 * 86_400, "intervalSeconds": 0,
        "retries": 1,
    });
    ordered(&world, &receiver, json!({ "retryPolicy": retry })).await;
    report(&world, "e1").await;
    pass(&world, 6).await;
    report(&world, "e2").await;
    pass(&world, 60).await;
    assert_eq!(told_once(&receiver), ["e1", "e2"]);
}

#[tokio::test]
async fn who_asks_for_much_time_again_and_again_is_told_everything() {
    let mut world = World::new().await;
    world.retain(DAY * 7);
    let busy = Answer::Header(503, "retry-after", "999999");
    let receiver = Receiver::start(vec![busy; 14]).await;
    let retry = json!({ "schedule": "default" });
    ordered(&world, &receiver, json!({ "retryPolicy": retry })).await;
    let ids: Vec<_> = (0..40).map(|day| format!("e{day}")).collect();
    for id in &ids {
        report(&world, id).await;
        pass(&world, 1).await;
    }
    pass(&world, 20).await;
    assert_eq!(told_once(&receiver), ids);
}

#[tokio::test]
async fn who_is_sent_back_is_told_what_was_about_to_expire() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = ordered(&world, &receiver, json!({})).await;
    for id in ["e0", "e1"] {
        report(&world, id).await;
    }
    pass(&world, 24).await;
    receiver.answer([Answer::Status(500)]);
    report(&world, "e2").await;
    world.turn(Duration::from_secs(60)).await;
    pass(&world, 5).await;
    receiver.answer(vec![Answer::Status(500); 100]);
    let body = json!({ "since": "2026-01-05T00:00:00Z" });
    let back = world
        .call(Method::POST, &format!("{path}/replays"), body)
        .await;
    assert_eq!(back.status, 202, "{}", back.json);
    world.settle().await;
    for _ in 0..48 {
        world.turn(HOUR).await;
        world.engine.expire(world.clock.now()).await;
    }
    receiver.recover();
    pass(&world, 1).await;
    let told = told_once(&receiver);
    assert_eq!(told[told.len() - 3..], ["e0", "e1", "e2"]);
}

#[tokio::test]
async fn an_event_that_is_fanned_out_after_the_retention_is_told_in_order_too() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    ordered(&world, &receiver, json!({})).await;
    report(&world, "early").await;
    for requests in 0.. {
        world.wire.cut_after(requests);
        let status = world.report("e").await.status;
        world.wire.mend();
        assert_ne!(status, 202, "it stopped before somebody heard of it");
        let found = world.call(Method::GET, "/herald/v1/events/e", json!(null));
        if found.await.status == 200 {
            break;
        }
    }
    pass(&world, 32).await;
    report(&world, "e").await;
    assert_eq!(told_flat(&receiver), ["early", "e"]);
}
