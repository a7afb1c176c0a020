//! A policy's own retry policy: its deliveries are tried again when it says, and no more.

use herald::clock::Clock;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const POLICIES: &str = "/herald/v1/policies";

/// Makes a policy with a retry policy, whose receiver refuses everything.
async fn refused(world: &World, retry: Value) -> Receiver {
    let receiver = Receiver::start(vec![Answer::Status(500); 20]).await;
    let body = json!({
        "name": "P", "channel": "webhook", "recipients": [receiver.url("/hook")],
        "retryPolicy": retry,
    });
    let made = world.call(Method::POST, POLICIES, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(made.json["retryPolicy"], retry);
    receiver
}

/// Turns the clock second by second of a list, and returns how many attempts were made by then.
async fn attempts_at(world: &World, receiver: &Receiver, seconds: &[u64]) -> Vec<usize> {
    world.report("e").await;
    world.settle().await;
    let (mut now, mut made) = (0, Vec::new());
    for at in seconds {
        world.turn(Duration::from_secs(at - now)).await;
        now = *at;
        made.push(receiver.received().len());
    }
    made
}

#[tokio::test]
async fn an_arithmetic_progression_is_kept_to_the_minute_and_ends() {
    let world = World::new().await;
    let retry = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 600, "intervalSeconds": 1800, "retries": 3,
        "repeats": 0, "repeatWaitSeconds": 0,
    });
    let receiver = refused(&world, retry).await;
    let seconds = [1, 300, 700, 2_000, 2_600, 4_000, 4_600, 100_000];
    let made = attempts_at(&world, &receiver, &seconds).await;
    assert_eq!(made, [1, 1, 2, 2, 3, 3, 4, 4]);
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "failed");
    assert_eq!(delivery["reason"], "exhausted");
}

#[tokio::test]
async fn until_acknowledged_goes_on_and_on() {
    let world = World::new().await;
    let receiver = refused(&world, json!({ "schedule": "until_acknowledged" })).await;
    let seconds: Vec<_> = (1..=30).map(|turn| turn * 1_000).collect();
    let made = attempts_at(&world, &receiver, &seconds).await;
    // Never more than a quarter of an hour apart, which is less than a turn.
    assert!(made[..17].windows(2).all(|two| two[0] < two[1]), "{made:?}");
    assert_eq!(world.delivery("e").await["status"], "delivered");
    assert_eq!(receiver.received().len(), 21);
}

#[tokio::test]
async fn a_changed_retry_policy_counts_from_the_next_failure() {
    let world = World::new().await;
    let retry = json!({
        "schedule": "geometric", "firstRetrySeconds": 600, "factor": 2, "retries": 5,
        "repeats": 1, "repeatWaitSeconds": 5,
    });
    let receiver = refused(&world, retry).await;
    let made = attempts_at(&world, &receiver, &[1, 700]).await;
    assert_eq!(made, [1, 2]);
    let listed = world.get(POLICIES).await;
    let id = listed["items"][0]["id"].as_str().expect("an id");
    let once = json!({ "retryPolicy": {
        "schedule": "arithmetic", "firstRetrySeconds": 1, "intervalSeconds": 1, "retries": 2,
    } });
    let changed = world
        .call(Method::PATCH, &format!("{POLICIES}/{id}"), once)
        .await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    world.turn(Duration::from_secs(3_600)).await;
    assert_eq!(receiver.received().len(), 3);
    assert_eq!(world.delivery("e").await["reason"], "exhausted");
}

#[tokio::test]
async fn however_long_a_receiver_asks_to_wait_every_attempt_finds_the_event() {
    let day = Duration::from_secs(24 * 60 * 60);
    for answers in [1, 2] {
        let world = World::new().await;
        let retry = json!({
            "schedule": "arithmetic", "firstRetrySeconds": 20 * day.as_secs(),
            "intervalSeconds": 5 * day.as_secs(), "retries": 2, "repeats": 0,
            "repeatWaitSeconds": 0,
        });
        let receiver = refused(&world, retry).await;
        receiver.recover();
        let busy = Answer::Header(503, "retry-after", "99999999");
        receiver.answer([vec![busy; answers], vec![Answer::Status(500); 3 - answers]].concat());
        world.report("e").await;
        world.settle().await;
        for _ in 0..30 * 24 {
            world.turn(day / 24).await;
            world.engine.expire(world.clock.now()).await;
        }
        assert_eq!(receiver.received().len(), 3, "{answers}");
        let listed = world.get("/herald/v1/deliveries").await;
        assert_eq!(listed["items"][0]["reason"], "exhausted");
    }
}

#[tokio::test]
async fn a_retry_policy_that_is_none_is_told_what_it_must_be() {
    let world = World::new().await;
    let arithmetic = |fields: Value| {
        let mut retry = json!({
            "schedule": "arithmetic", "firstRetrySeconds": 60, "intervalSeconds": 60, "retries": 3,
        });
        let fields = fields.as_object().expect("fields").clone();
        retry.as_object_mut().expect("an object").extend(fields);
        retry
    };
    for (retry, field) in [
        (json!("default"), "retryPolicy"),
        (json!({}), "retryPolicy.schedule"),
        (json!({ "schedule": "FIXED" }), "retryPolicy.schedule"),
        (
            json!({ "schedule": "default", "retries": 3 }),
            "retryPolicy.retries",
        ),
        (arithmetic(json!({ "factor": 3 })), "retryPolicy.factor"),
        (
            arithmetic(json!({ "firstRetrySeconds": 0 })),
            "retryPolicy.firstRetrySeconds",
        ),
        (
            arithmetic(json!({ "intervalSeconds": -1 })),
            "retryPolicy.intervalSeconds",
        ),
        (arithmetic(json!({ "retries": -1 })), "retryPolicy.retries"),
        (
            arithmetic(json!({ "retries": 1_001 })),
            "retryPolicy.retries",
        ),
        (arithmetic(json!({ "repeats": 400 })), "retryPolicy.retries"),
        (
            arithmetic(json!({ "firstRetrySeconds": 31 * 86_400 })),
            "retryPolicy.retries",
        ),
    ] {
        let body = json!({
            "name": "P", "channel": "webhook", "recipients": ["https://example.com/hook"],
            "retryPolicy": retry,
        });
        let answer = world.call(Method::POST, POLICIES, body).await;
        assert_eq!(answer.status, 400, "{retry}");
        assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.json);
    }
}
