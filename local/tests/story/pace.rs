//! A policy's pace: no second has more requests than it allows, and what waits for its second is
//! tried as often as it would have been.

use crate::health::{heard, report, with_health};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::json;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

async fn report_many(world: &World, count: usize) {
    let event = |number| json!({ "id": format!("e{number}"), "type": "order.shipped" });
    let events: Vec<_> = (0..count).map(event).collect();
    let body = json!({ "events": events });
    let path = "/herald/v1/events/batch";
    let reported = world.call(Method::POST, path, body).await;
    assert_eq!(reported.status, 200, "{}", reported.json);
    world.settle().await;
}

#[tokio::test]
async fn a_burst_is_spread_over_the_seconds_that_its_pace_needs() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let fields = json!({ "health": null, "maxPerSecond": 3 });
    with_health(&world, &receiver, fields).await;
    report_many(&world, 11).await;
    let mut made = vec![heard(&receiver).len()];
    for _ in 0..4 {
        world.clock.advance(SECOND);
        world.settle().await;
        made.push(heard(&receiver).len());
    }
    assert_eq!(made, [3, 6, 9, 11, 11]);
    let delivery = world.delivery("e5").await;
    assert_eq!(delivery["attemptCount"], 1);
}

#[tokio::test]
async fn what_was_withheld_is_sent_in_its_pace_the_oldest_first() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    with_health(&world, &receiver, json!({ "maxPerSecond": 1 })).await;
    let ids = ["h", "g", "f", "e", "d", "c", "b", "a"];
    report(&world, &ids).await;
    assert!(heard(&receiver).is_empty(), "it is pending");
    world.turn(60 * SECOND).await;
    for _ in 0..ids.len() {
        world.clock.advance(SECOND);
        world.settle().await;
    }
    assert_eq!(heard(&receiver), ids);
}

#[tokio::test]
async fn a_retry_takes_a_place_of_its_own() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(500)]).await;
    let retry = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 10, "intervalSeconds": 10, "retries": 3,
    });
    let fields = json!({ "health": null, "maxPerSecond": 1, "retryPolicy": retry });
    with_health(&world, &receiver, fields).await;
    report_many(&world, 2).await;
    let mut last = heard(&receiver).len();
    for _ in 0..30 {
        world.clock.advance(SECOND);
        world.settle().await;
        let made = heard(&receiver).len();
        assert!(made <= last + 1, "more than one in a second");
        last = made;
    }
    assert_eq!(last, 4);
    for event in ["e0", "e1"] {
        let delivery = world.delivery(event).await;
        assert_eq!(delivery["status"], "delivered");
        assert_eq!(delivery["attemptCount"], 2);
    }
}
