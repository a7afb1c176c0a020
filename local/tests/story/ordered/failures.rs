//! Receivers that refuse, are slow or gone.

use super::{Ordered, lane, told, told_flat};
use herald::{clock::Clock, dialect::Dialect};
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use std::time::Duration;

#[tokio::test]
async fn what_is_refused_is_sent_again_as_it_was_and_holds_back_what_follows() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Never, Answer::Status(404)]).await;
    let lune = Ordered {
        dialect: Dialect::Lune,
        ..Ordered::default()
    };
    let policy = lune.policy(&world, &receiver).await;
    for (round, wait) in [0, 1, 2, 4].into_iter().enumerate() {
        world.clock.advance(Duration::from_secs(wait));
        let body = serde_json::json!({ "id": format!("o{round}"), "type": "order.paid" });
        world
            .call(http::Method::POST, "/herald/v1/events", body)
            .await;
        world.settle().await;
    }
    let first = vec!["o0".to_owned()];
    let rest = vec!["o1".to_owned(), "o2".to_owned(), "o3".to_owned()];
    assert_eq!(
        told(&receiver),
        [first.clone(), first.clone(), first.clone(), first, rest]
    );
    let ids: Vec<_> = receiver
        .received()
        .iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect();
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0]);
    let delivery = world.delivery("o0").await;
    let numbers: Vec<_> = delivery["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|it| it["number"].clone())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let lane = world
        .service
        .parts
        .store
        .lane(&lane(&policy))
        .await
        .expect("the store")
        .expect("a lane");
    assert_eq!(
        (lane.failures, lane.leased_until, lane.batch),
        (0, None, Vec::new())
    );
}

#[tokio::test]
async fn an_event_that_comes_while_its_recipient_waits_wakes_nobody_early() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(500)]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    world.report("a").await;
    world.settle().await;
    world.report("b").await;
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["a"]);
    let recipient = &policy.recipients[0].id;
    let path = format!("/herald/v1/policies/{}/recipients/{recipient}", policy.id);
    let shown = world.get(&path).await;
    assert_eq!(shown["lag"]["events"], 2, "{shown}");
    assert_eq!(shown["lag"]["oldest"]["eventId"], "a");
    assert_eq!(shown["lag"]["failures"], 1);
    assert_eq!(shown["lag"]["nextAttemptAt"], "2026-01-05T10:00:01Z");
    assert_eq!(shown["lag"]["lastFailure"]["statusCode"], 500);
    world.clock.advance(Duration::from_secs(1));
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["a", "a"]);
    assert_eq!(world.get(&path).await["lag"]["seconds"], 1);
    world.clock.advance(Duration::from_secs(2));
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["a", "a", "a", "b"]);
    let shown = world.get(&path).await;
    assert_eq!(shown["lag"]["events"], 0, "{shown}");
    assert_eq!(shown["lag"]["oldest"], serde_json::Value::Null);
    assert_eq!(shown["deliveryMode"], "ordered");
}

#[tokio::test]
async fn who_is_gone_keeps_the_backlog_and_goes_on_where_it_stood() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    for id in ["a", "b"] {
        world.report(id).await;
        world.settle().await;
    }
    world.turn(Duration::from_secs(7_200)).await;
    world.report("c").await;
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["a"]);
    assert_eq!(world.delivery("b").await["status"], "pending");
    let path = format!("/herald/v1/policies/{}", policy.id);
    let shown = world.get(&path).await;
    assert_eq!(shown["recipients"][0]["reason"], "gone", "{shown}");
    let revived = serde_json::json!({ "recipients": [
        { "target": receiver.url("/hook"), "status": "active" } ] });
    let answer = world.call(http::Method::PATCH, &path, revived).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    world.settle().await;
    assert_eq!(told_flat(&receiver), ["a", "a", "b", "c"]);
}

#[tokio::test]
async fn a_dead_receiver_blocks_only_itself() {
    let world = World::new().await;
    let dead = Receiver::start(vec![Answer::Status(500); 100]).await;
    let alive = Receiver::start([]).await;
    Ordered::default().policy(&world, &dead).await;
    Ordered::default().policy(&world, &alive).await;
    for id in ["a", "b", "c"] {
        world.report(id).await;
        world.settle().await;
    }
    assert_eq!(told_flat(&alive), ["a", "b", "c"]);
    for _ in 0..40 {
        world.turn(Duration::from_secs(20 * 60)).await;
    }
    assert!(told_flat(&dead).iter().all(|id| id == "a"));
    assert!(told(&dead).len() > 40);
    world.may_leave_messages();
}

#[tokio::test]
async fn nothing_expires_before_it_was_read() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 20_000]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    for id in ["a", "b", "c"] {
        world.report(id).await;
    }
    world.settle().await;
    for _ in 0..120 {
        world.turn(Duration::from_secs(12 * 60 * 60)).await;
        world.engine.expire(world.clock.now()).await;
    }
    receiver.recover();
    world.turn(Duration::from_secs(60 * 60)).await;
    let told = told_flat(&receiver);
    assert_eq!(told[told.len() - 3..], ["a", "b", "c"]);
    // What was read may go.
    let store = &world.service.parts.store;
    assert_eq!(
        store
            .backlog(&lane(&policy), None, 10)
            .await
            .expect("the store"),
        []
    );
}

#[tokio::test]
async fn somebody_may_ask_for_the_next_attempt_now() {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 100]).await;
    let policy = Ordered::default().policy(&world, &receiver).await;
    for id in ["a", "b"] {
        world.report(id).await;
    }
    for _ in 0..12 {
        world.turn(Duration::from_secs(1_000)).await;
    }
    let refused = receiver.received().len();
    receiver.recover();
    world.settle().await;
    assert_eq!(
        receiver.received().len(),
        refused,
        "it waits for a quarter of an hour"
    );
    let id = world.delivery("b").await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/herald/v1/deliveries/{id}");
    let asked = world
        .call(
            http::Method::POST,
            &format!("{path}/retry"),
            serde_json::json!(null),
        )
        .await;
    assert_eq!(asked.status, 202, "{}", asked.json);
    world.settle().await;
    let told = told_flat(&receiver);
    assert_eq!(told[refused..], ["a", "b"]);
    // What was told is not told again, and nothing is left out.
    for beside in ["retry", "cancel"] {
        let answer = world
            .call(
                http::Method::POST,
                &format!("{path}/{beside}"),
                serde_json::json!(null),
            )
            .await;
        assert_eq!(answer.status, 409, "{beside}");
    }
    let lane = lane(&policy);
    let store = &world.service.parts.store;
    assert_eq!(store.backlog(&lane, None, 10).await.expect("the store"), []);
    world.turn(Duration::from_secs(2_000)).await;
}
