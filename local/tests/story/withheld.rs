//! What is withheld is kept, cancelled with its policy, and sent on recovery whatever stops in
//! between.

use crate::health::{MINUTE, heard, report, status, with_health};
use herald_local::{
    queue::VISIBILITY,
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Suspends a policy, has it hear of two events, and recovers it.
async fn story(world: &World, receiver: &Receiver) -> bool {
    receiver.answer_at("/health", Answer::Status(500));
    let mut accepted = true;
    for step in 0..4 {
        world.clock.advance(5 * MINUTE);
        // The timer may stop like everything else.
        let _ = world.service.tick().await;
        world.settle().await;
        if step == 0 {
            for id in ["a", "b"] {
                let body = json!({ "id": id, "type": "order.shipped" });
                let path = "/herald/v1/events";
                accepted &= world.call(Method::POST, path, body).await.status == 202;
                world.settle().await;
            }
        }
        if step == 1 {
            receiver.answer_at("/health", Answer::Status(200));
        }
    }
    accepted
}

#[tokio::test]
async fn a_stop_between_any_two_steps_from_suspension_to_flush_loses_nothing() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let path = with_health(&world, &receiver, json!({})).await;
        world.turn(MINUTE).await;
        world.wire.cut_after(requests);
        let accepted = story(&world, &receiver).await;
        let was_cut = world.wire.mend();
        receiver.answer_at("/health", Answer::Status(200));
        if !accepted {
            report(&world, &["a", "b"]).await;
        }
        for _ in 0..6 {
            world.turn(VISIBILITY.unsigned_abs()).await;
        }
        world.turn(5 * MINUTE).await;
        assert_eq!(status(&world, &path).await, "active", "{requests}");
        for event in ["a", "b"] {
            let delivery = world.delivery(event).await;
            assert_eq!(delivery["status"], "delivered", "{event} after {requests}");
        }
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 30, "the story has more steps than {stops}");
}

#[tokio::test]
async fn a_backlog_is_sent_the_oldest_first() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let fields = json!({ "maxPerSecond": 1 });
    with_health(&world, &receiver, fields).await;
    let ids = ["d", "a", "c", "b"];
    report(&world, &ids).await;
    receiver.answer_at("/health", Answer::Status(200));
    world.turn(MINUTE).await;
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(1));
        world.settle().await;
    }
    assert_eq!(heard(&receiver), ids);
    for id in ids {
        assert_eq!(world.delivery(id).await["status"], "delivered");
    }
}

#[tokio::test]
async fn what_is_withheld_for_months_is_sent_all_the_same() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let path = with_health(&world, &receiver, json!({})).await;
    report(&world, &["a"]).await;
    world.turn(60 * DAY).await;
    assert_eq!(status(&world, &path).await, "pending");
    receiver.answer_at("/health", Answer::Status(200));
    world.turn(MINUTE).await;
    assert_eq!(heard(&receiver).len(), 1);
}

#[tokio::test]
async fn what_is_withheld_is_cancelled_by_hand_and_with_its_policy() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    receiver.answer_at("/health", Answer::Status(500));
    let path = with_health(&world, &receiver, json!({})).await;
    report(&world, &["a", "b"]).await;
    let id = world.delivery("a").await["id"].clone();
    let cancel = format!(
        "/herald/v1/deliveries/{}/cancel",
        id.as_str().expect("an id")
    );
    let cancelled = world.call(Method::POST, &cancel, Value::Null).await;
    assert_eq!(cancelled.json["reason"], "requested");
    let deleted = world.call(Method::DELETE, &path, Value::Null).await;
    assert_eq!(deleted.status, 204);
    world.settle().await;
    let left = world.delivery("b").await;
    assert_eq!(
        (&left["status"], &left["reason"]),
        (&json!("cancelled"), &json!("policy_deleted"))
    );
    world.turn(20 * MINUTE).await;
    assert_eq!(heard(&receiver).len(), 0);
}
