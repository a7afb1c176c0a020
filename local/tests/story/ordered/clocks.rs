//! Workers whose clocks differ.

use super::{Ordered, told_flat};
use herald::{clock::Clock, queue::QueueName};
use herald_local::{
    service::{Parts, Service},
    world::{
        World,
        chance::ManualClock,
        receiver::{Answer, Receiver},
    },
};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_wake_up_that_is_early_by_its_workers_clock_comes_again() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    Ordered::default().policy(&world, &receiver).await;
    world.report("e").await;
    world.settle().await;
    let behind = Service::new(Parts {
        clock: Arc::new(ManualClock::at(world.clock.now())),
        ..world.service.parts.clone()
    });
    world.clock.advance(Duration::from_secs(2));
    let handled = behind.expect("a service").step(QueueName::Webhook).await;
    assert_eq!(handled.expect("a step"), 1);
    assert_eq!(told_flat(&receiver), ["e"], "it waits for its next attempt");
    world.clock.advance(Duration::from_secs(2));
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["e", "e"]);
}
