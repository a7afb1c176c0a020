//! Changes of ordered policies that stop on their way, and are repeated.

use super::told_flat;
use herald::clock::Clock;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const POLICIES: &str = "/herald/v1/policies";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes an ordered policy for some recipients; returns its path.
async fn policy(world: &World, recipients: &[String]) -> String {
    let body = json!({ "name": "P", "channel": "webhook", "deliveryMode": "ordered",
        "recipients": recipients });
    let made = world.call(Method::POST, POLICIES, body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    format!("{POLICIES}/{}", made.json["id"].as_str().expect("an id"))
}

/// Has a change stop after so many requests, an event accepted then, and the change made again.
/// Returns whether it was stopped.
async fn change_twice(world: &World, requests: usize, path: &str, change: Value) -> bool {
    world.clock.advance(Duration::from_secs(1));
    world.wire.cut_after(requests);
    world.call(Method::PATCH, path, change.clone()).await;
    let was_cut = world.wire.mend();
    assert_eq!(world.report("between").await.status, 202);
    world.clock.advance(Duration::from_secs(1));
    let changed = world.call(Method::PATCH, path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    was_cut
}

/// Lets everything that is left happen.
async fn recover(world: &World) {
    for _ in 0..3 {
        world.turn(Duration::from_secs(400)).await;
    }
}

#[tokio::test]
async fn who_joins_by_a_change_that_stopped_hears_everything_from_then_on() {
    for requests in 0.. {
        let world = World::new().await;
        let (old, new) = (Receiver::start([]).await, Receiver::start([]).await);
        let path = policy(&world, &[old.url("/hook")]).await;
        world.report("before").await;
        world.settle().await;
        let both = json!({ "recipients": [old.url("/hook"), new.url("/hook")] });
        let was_cut = change_twice(&world, requests, &path, both).await;
        for id in ["after", "last"] {
            assert_eq!(world.report(id).await.status, 202);
        }
        recover(&world).await;
        assert_eq!(
            told_flat(&old),
            ["before", "between", "after", "last"],
            "stopped after {requests}"
        );
        let told = told_flat(&new);
        assert!(told.ends_with(&["after".to_owned(), "last".to_owned()]));
        assert!(!told.contains(&"before".to_owned()), "{told:?}");
        if !was_cut {
            break;
        }
    }
}

#[tokio::test]
async fn what_was_not_acknowledged_moves_by_a_change_that_stopped() {
    for requests in 0.. {
        let world = World::new().await;
        let old = Receiver::start(vec![Answer::Status(500); 100]).await;
        let new = Receiver::start([]).await;
        let path = policy(&world, &[old.url("/hook")]).await;
        world.report("before").await;
        world.settle().await;
        let shown = world.get(&path).await;
        let id = shown["recipients"][0]["id"].clone();
        let moved = json!({ "recipients": [{ "id": id, "target": new.url("/hook") }] });
        let was_cut = change_twice(&world, requests, &path, moved).await;
        world.report("after").await;
        recover(&world).await;
        let told = told_flat(&new);
        assert_eq!(
            told,
            ["before", "between", "after"],
            "stopped after {requests}"
        );
        if !was_cut {
            break;
        }
    }
}

#[tokio::test]
async fn what_a_policy_that_is_off_has_not_read_is_kept_wherever_the_keeping_stops() {
    for requests in (0..).step_by(3) {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let path = policy(&world, &[receiver.url("/hook")]).await;
        let status = |status| json!({ "status": status });
        world.call(Method::PATCH, &path, status("inactive")).await;
        for id in ["a", "b"] {
            world.report(id).await;
        }
        world.settle().await;
        let mut was_cut = false;
        for number in 1..12 {
            if number == 2 {
                world.clock.advance(6 * DAY);
                world.wire.cut_after(requests);
                let _ = world.service.tick().await;
                world.settle().await;
                was_cut = world.wire.mend();
            } else {
                world.turn(6 * DAY).await;
            }
            world.engine.expire(world.clock.now()).await;
        }
        let on = world.call(Method::PATCH, &path, status("active")).await;
        assert_eq!(on.status, 200, "{}", on.json);
        recover(&world).await;
        assert_eq!(told_flat(&receiver), ["a", "b"], "stopped after {requests}");
        if !was_cut {
            break;
        }
    }
}
