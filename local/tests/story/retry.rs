use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use jiff::Timestamp;
use std::time::Duration;

fn due(delivery: &serde_json::Value) -> Timestamp {
    let at = delivery["nextAttemptAt"]
        .as_str()
        .expect("a waiting delivery");
    at.parse().expect("an instant")
}

/// Turns the clock to the next attempt of the only delivery of an event; returns the wait.
async fn to_next_attempt(world: &World, event: &str) -> f64 {
    let now = herald::clock::Clock::now(&*world.clock);
    let wait = due(&world.delivery(event).await).duration_since(now);
    world
        .turn(Duration::try_from(wait).expect("not in the past"))
        .await;
    wait.as_secs_f64()
}

#[tokio::test]
async fn a_delivery_is_retried_until_it_arrives() {
    let world = World::new().await;
    let receiver = Receiver::start([500, 404, 302, 199].map(|status| match status {
        302 => Answer::Header(302, "location", "/elsewhere"),
        199 => Answer::Never,
        status => Answer::Status(status),
    }))
    .await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    for planned in [5.0, 300.0, 1_800.0, 7_200.0] {
        let wait = to_next_attempt(&world, "e").await;
        assert!(
            (wait / planned - 1.0).abs() < 0.21,
            "waited {wait} s for {planned} s"
        );
    }
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "delivered");
    let attempts = delivery["attempts"].as_array().expect("attempts");
    let codes: Vec<_> = attempts.iter().map(|a| a["statusCode"].as_u64()).collect();
    assert_eq!(codes, [Some(500), Some(404), Some(302), None, Some(200)]);
    let numbers: Vec<_> = attempts.iter().map(|a| a["number"].as_u64()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5].map(Some));
    let received = receiver.received();
    assert_eq!(received.len(), 5, "the redirect was not followed");
    assert!(
        received
            .iter()
            .all(|r| r.header("webhook-id") == delivery["id"] && r.path == "/hook")
    );
    assert!(received.windows(2).all(|w| w[0].body == w[1].body));
}

#[tokio::test]
async fn after_the_tenth_attempt_it_fails_and_can_be_tried_again_by_hand() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(503); 10]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    let mut waited = 0.0;
    for _ in 0..9 {
        waited += to_next_attempt(&world, "e").await;
    }
    assert!((waited / 272_105.0 - 1.0).abs() < 0.21, "{waited} s in all");
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["reason"]),
        (&"failed".into(), &"exhausted".into())
    );
    assert_eq!(delivery["attemptCount"], 10);
    assert_eq!(receiver.received().len(), 10);

    let id = delivery["id"].as_str().expect("an id");
    let retry = format!("/herald/v1/deliveries/{id}/retry");
    let reply = world
        .call(http::Method::POST, &retry, serde_json::Value::Null)
        .await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["status"]),
        (202, &"waiting".into())
    );
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], &delivery["attemptCount"]),
        (&"delivered".into(), &11.into())
    );
}

#[tokio::test]
async fn a_waiting_delivery_can_be_sent_now() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    let id = world.delivery("e").await["id"].clone();
    let retry = format!(
        "/herald/v1/deliveries/{}/retry",
        id.as_str().expect("an id")
    );
    world
        .call(http::Method::POST, &retry, serde_json::Value::Null)
        .await;
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    world.turn(Duration::from_secs(60)).await;
    assert_eq!(
        receiver.received().len(),
        2,
        "the planned attempt was dropped"
    );
}

#[tokio::test]
async fn retry_after_is_honoured_between_one_and_four_times_the_planned_wait() {
    for (asked, least, most) in [("1", 4.0, 6.0), ("15", 15.0, 15.0), ("999999", 16.0, 24.0)] {
        let world = World::new().await;
        let receiver = Receiver::start([Answer::Header(429, "retry-after", asked)]).await;
        world.policy(&[receiver.url("/hook")]).await;
        world.report("e").await;
        world.settle().await;
        let wait = to_next_attempt(&world, "e").await;
        assert!((least..=most).contains(&wait), "{wait} s for {asked}");
        assert_eq!(world.delivery("e").await["status"], "delivered");
    }
}

#[tokio::test]
async fn a_wake_up_that_was_lost_is_given_again_after_the_grace() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    world.clock.advance(Duration::from_secs(10));
    let queue = &world.service.parts.queue;
    for lost in queue
        .receive(herald::queue::QueueName::Webhook, 10)
        .expect("receives")
    {
        queue
            .delete(herald::queue::QueueName::Webhook, &lost)
            .expect("deletes");
    }
    world.turn(Duration::from_secs(60)).await;
    assert_eq!(
        receiver.received().len(),
        1,
        "the queue still has its grace"
    );
    world.turn(Duration::from_secs(5 * 60)).await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
}
