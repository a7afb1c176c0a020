//! Lune's webhooks, from their own routes to the receiver: in order, until acknowledged, and with
//! nothing lost when they move, are switched off, or their receiver is gone.

use crate::organisation::account;
use herald_local::world::{
    DAWN, World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const WEBHOOKS: &str = "/v1/webhooks";

/// Makes a webhook; returns its path.
async fn webhook(world: &World, body: Value) -> String {
    let made = world.call(Method::POST, WEBHOOKS, body).await;
    assert_eq!(made.status, 200, "{}", made.json);
    format!("{WEBHOOKS}/{}", made.json["id"].as_str().expect("an id"))
}

async fn put(world: &World, path: &str, body: Value) {
    let reply = world.call(Method::PUT, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    world.settle().await;
}

/// Reports orders in an account, one after the other.
async fn report(world: &World, account: &str, ids: &[&str]) {
    for id in ids {
        let body = json!({
            "id": id, "type": "order.received", "accountId": account, "data": { "order": id },
        });
        let reply = world.call(Method::POST, "/herald/v1/events", body).await;
        assert_eq!(reply.status, 202, "{}", reply.json);
    }
    world.settle().await;
}

/// The ids of the events of each request that a receiver got.
fn told(receiver: &Receiver) -> Vec<Vec<String>> {
    let ids = |body: &str| {
        let body: Value = serde_json::from_str(body).expect("JSON");
        let events = body["events"].as_array().expect("events").clone();
        let id = |event: Value| event["event_id"].as_str().expect("an id").to_owned();
        events.into_iter().map(id).collect()
    };
    let requests = receiver.received();
    requests.iter().map(|request| ids(&request.body)).collect()
}

#[tokio::test]
async fn what_the_old_url_did_not_acknowledge_is_told_to_the_new_one() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let old = Receiver::start(vec![Answer::Status(500); 9]).await;
    let new = Receiver::start([]).await;
    let path = webhook(&world, json!({ "url": old.url("/hook") })).await;
    report(&world, &own, &["a", "b"]).await;
    assert_eq!(told(&old)[0], ["a", "b"]);
    put(&world, &path, json!({ "url": new.url("/hook") })).await;
    world.turn(Duration::from_secs(60)).await;
    assert_eq!(told(&new).concat(), ["a", "b"]);
    report(&world, &own, &["c"]).await;
    assert_eq!(told(&new).concat(), ["a", "b", "c"]);
}

#[tokio::test]
async fn what_happens_while_a_webhook_is_off_is_told_when_it_is_on_again() {
    let world = World::new().await;
    // A message in case the request that switches it on had stopped.
    world.may_leave_messages();
    let own = world.tenant.account.to_string();
    let receiver = Receiver::start([]).await;
    let url = receiver.url("/hook");
    let path = webhook(&world, json!({ "url": url })).await;
    put(&world, &path, json!({ "url": url, "enabled": false })).await;
    report(&world, &own, &["a", "b", "c"]).await;
    world.turn(Duration::from_secs(3_600)).await;
    assert!(told(&receiver).is_empty());
    put(&world, &path, json!({ "url": url, "enabled": true })).await;
    assert_eq!(told(&receiver), [["a", "b", "c"]], "in one request");
}

#[tokio::test]
async fn a_webhook_with_health_that_is_on_again_is_told_once_it_is_healthy() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let receiver = Receiver::start([]).await;
    let url = receiver.url("/hook");
    let path = webhook(&world, json!({ "url": url })).await;
    let herald = path.replace(WEBHOOKS, "/herald/v1/policies");
    let health = json!({ "health": { "url": receiver.url("/health") } });
    let changed = world.call(Method::PATCH, &herald, health).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    put(&world, &path, json!({ "url": url, "enabled": false })).await;
    // Long enough for nobody to be asking any more.
    for _ in 0..5 {
        world.turn(Duration::from_secs(600)).await;
    }
    report(&world, &own, &["a"]).await;
    put(&world, &path, json!({ "url": url, "enabled": true })).await;
    assert_eq!(world.get(&herald).await["status"], "pending");
    world.turn(Duration::from_secs(60)).await;
    assert_eq!(world.get(&herald).await["status"], "active");
    let hooks = receiver.received().into_iter();
    let hooks: Vec<_> = hooks.filter(|request| request.path == "/hook").collect();
    assert_eq!(hooks.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_was_gone_goes_on_where_it_stood() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let url = receiver.url("/hook");
    let path = webhook(&world, json!({ "url": url })).await;
    report(&world, &own, &["a"]).await;
    assert_eq!(world.get(&path).await["enabled"], false);
    report(&world, &own, &["b"]).await;
    assert_eq!(told(&receiver), [["a"]]);
    put(&world, &path, json!({ "url": url })).await;
    assert_eq!(told(&receiver).concat(), ["a", "a", "b"]);
    assert_eq!(world.get(&path).await["enabled"], true);
}

#[tokio::test]
async fn a_webhook_pushes_for_its_accounts_and_without_a_filter_for_all() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    for name in ["left", "right"] {
        account(&world, name, Some(&own)).await;
    }
    let (all, left) = (Receiver::start([]).await, Receiver::start([]).await);
    webhook(&world, json!({ "url": all.url("/hook") })).await;
    let filtered = json!({ "url": left.url("/hook"), "account_ids": ["left"] });
    let filtered = webhook(&world, filtered).await;
    for account in ["left", "right", &own] {
        report(&world, account, &[&format!("in-{account}")]).await;
    }
    assert_eq!(told(&all).concat().len(), 3);
    assert_eq!(told(&left), [["in-left"]]);
    let deleted = world.call(Method::DELETE, &filtered, json!(null)).await;
    assert_eq!(deleted.status, 204);
    report(&world, "left", &["later"]).await;
    assert_eq!(told(&left).len(), 1, "a deleted webhook hears nothing");
    assert_eq!(told(&all).concat().len(), 4);
}

#[tokio::test]
async fn what_comes_while_a_webhook_is_told_again_does_not_come_under_an_id_that_it_knows() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    let receiver = Receiver::start([]).await;
    let path = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    for id in ["a", "b"] {
        report(&world, &own, &[id]).await;
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(told(&receiver), [["a"], ["b"]]);
    let replays = path.replace(WEBHOOKS, "/herald/v1/policies") + "/replays";
    let body = json!({ "since": DAWN });
    let asked = world.call(Method::POST, &replays, body).await;
    assert_eq!(asked.status, 202, "{}", asked.json);
    report(&world, &own, &["c"]).await;
    assert_eq!(told(&receiver).concat(), ["a", "b", "a", "b", "c"]);
    let requests = receiver.received();
    let id = |number: usize| requests[number].header("webhook-id");
    assert_eq!(told(&receiver)[2..], [vec!["a", "b"], vec!["c"]]);
    assert_eq!(id(2), id(0));
    assert!(
        ![id(0), id(1)].contains(&id(3)),
        "who drops repeats hears it"
    );
}

#[tokio::test]
async fn what_was_refused_before_a_webhook_is_told_again_comes_as_it_was() {
    let world = World::new().await;
    // What waits for its next attempt is woken before.
    world.may_leave_messages();
    let own = world.tenant.account.to_string();
    let receiver = Receiver::start([Answer::Status(200), Answer::Status(503)]).await;
    let path = webhook(&world, json!({ "url": receiver.url("/hook") })).await;
    for id in ["a", "b"] {
        report(&world, &own, &[id]).await;
        world.clock.advance(Duration::from_millis(100));
    }
    let replays = path.replace(WEBHOOKS, "/herald/v1/policies") + "/replays";
    let asked = world.call(Method::POST, &replays, json!({ "since": DAWN }));
    assert_eq!(asked.await.status, 202);
    report(&world, &own, &["c"]).await;
    // Its receiver may have taken the second all the same.
    assert_eq!(told(&receiver), [["a"], ["b"], ["a"], ["b"], ["c"]]);
}
