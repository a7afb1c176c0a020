//! What a replay by status finds: by how deliveries stand, and by when their events came.

use super::{MINUTE, PAID, invoices, replay, report, subscription};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use serde_json::{Value, json};

/// Has three deliveries fail, at 10:01, 11:01 and 12:01; returns the subscription's path.
async fn failed_each_hour(world: &World, receiver: &Receiver) -> String {
    let retry = json!({ "numberOfRetries": 0 });
    let path = subscription(world, receiver, retry).await;
    receiver.answer_at("/hook", Answer::Status(500));
    for id in ["early", "middle", "late"] {
        report(world, id).await;
        world.clock.advance(60 * MINUTE);
    }
    receiver.answer_at("/hook", Answer::Status(200));
    path
}

/// The invoices of what a replay sends.
async fn replayed(world: &World, receiver: &Receiver, path: &str, by: Value) -> Vec<String> {
    let before = invoices(receiver).len();
    let reply = replay(world, path, json!({ "byDeliveryStatus": by })).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
    world.settle().await;
    invoices(receiver).split_off(before)
}

#[tokio::test]
async fn a_window_leaves_out_what_came_before_and_after_it() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = failed_each_hour(&world, &receiver).await;
    let by = json!({
        "status": "FAILED", "eventType": PAID, "startTime": "2026-01-05T11:00:00.000Z",
        "endTime": "2026-01-05T12:00:00.000Z",
    });
    assert_eq!(replayed(&world, &receiver, &path, by).await, ["middle"]);
}

#[tokio::test]
async fn without_a_window_the_last_day_counts() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let path = failed_each_hour(&world, &receiver).await;
    world.clock.advance(21 * 60 * MINUTE + 30 * MINUTE);
    let by = json!({ "status": "FAILED" });
    let sent = replayed(&world, &receiver, &path, by).await;
    assert_eq!(sent, ["middle", "late"]);
}

#[tokio::test]
async fn what_waits_for_its_retry_is_sent_at_once_and_what_failed_is_not() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let retry = json!({ "firstRetry": 10, "numberOfRetries": 1 });
    let path = subscription(&world, &receiver, retry).await;
    receiver.answer_at("/hook", Answer::Status(500));
    report(&world, "failed").await;
    world.turn(10 * MINUTE).await;
    report(&world, "waiting").await;
    world.clock.advance(MINUTE);
    receiver.answer_at("/hook", Answer::Status(200));
    let by = json!({ "status": "RETRY" });
    assert_eq!(replayed(&world, &receiver, &path, by).await, ["waiting"]);
    let before = invoices(&receiver).len();
    world.turn(10 * MINUTE).await;
    assert_eq!(invoices(&receiver).len(), before, "its retry was made");
    assert_eq!(world.delivery("failed").await["status"], "failed");
}
