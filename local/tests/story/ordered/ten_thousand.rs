//! Ten thousand events, a receiver that refuses half its requests, and a worker that is killed at
//! random: everything arrives, in order.

use super::{Ordered, told};
use herald::{dialect::Dialect, queue::QueueName, random::Random};
use herald_local::world::{
    World,
    chance::SeededRandom,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::json;
use std::time::Duration;

const EVENTS: usize = 10_000;
const BATCH: usize = 100;

/// A draw of so many.
fn draw(random: &dyn Random, of: usize) -> usize {
    usize::from(u16::from_be_bytes(random.bytes())) % of
}

#[tokio::test]
async fn ten_thousand_events_arrive_complete_and_in_order_whatever_is_refused_and_killed() {
    let world = World::new().await;
    let random = SeededRandom::new(10_000);
    let random: &dyn Random = &random;
    let answers = (0..2_000).map(|_| match draw(random, 2) {
        0 => Answer::Status(503),
        _ => Answer::Status(200),
    });
    let receiver = Receiver::start(answers).await;
    let lune = Ordered {
        dialect: Dialect::Lune,
        ..Ordered::default()
    };
    lune.policy(&world, &receiver).await;
    let mut kills = 0;
    for first in (0..EVENTS).step_by(BATCH) {
        let events: Vec<_> = (first..first + BATCH)
            .map(|number| json!({ "id": format!("e{number}"), "type": "order.placed" }))
            .collect();
        let body = json!({ "events": events });
        let answer = world
            .call(Method::POST, "/herald/v1/events/batch", body)
            .await;
        assert_eq!(answer.status, 200);
        while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
        // What it cannot do any more, it is killed at.
        world.wire.cut_after(draw(random, 20));
        let _ = world.service.step(QueueName::Webhook).await;
        kills += usize::from(world.wire.mend());
        world.turn(Duration::from_secs(60)).await;
    }
    receiver.recover();
    for _ in 0..3 {
        world.turn(Duration::from_secs(1_000)).await;
    }
    let mut told_to = 0;
    for request in told(&receiver) {
        let number = |id: &String| id[1..].parse::<usize>().expect("a number");
        let numbers: Vec<_> = request.iter().map(number).collect();
        assert!(numbers[0] <= told_to, "a gap before {}", numbers[0]);
        assert!(
            numbers.windows(2).all(|two| two[0] + 1 == two[1]),
            "{numbers:?}"
        );
        told_to = told_to.max(numbers[numbers.len() - 1] + 1);
    }
    assert_eq!(told_to, EVENTS);
    assert!(kills > 20, "{kills}");
    assert!(receiver.received().len() > EVENTS / BATCH * 3 / 2);
}
