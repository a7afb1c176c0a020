//! What CyberSource's routes make of a subscription once Herald's own have changed it: where its
//! health is asked for, and how it is tried again.

use crate::cybersource_creation::{WEBHOOKS, path, subscription};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

const MOVED: &str = "https://test.com/moved";

async fn change(world: &World, path: &str, body: Value) -> Value {
    let reply = world.call(Method::PATCH, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

/// The same subscription on Herald's own routes.
fn own(path: &str) -> String {
    path.replace(WEBHOOKS, "/herald/v1/policies")
}

/// Where its health is asked for.
async fn asked_at(world: &World, path: &str) -> Value {
    world.get(&own(path)).await["health"]["url"].take()
}

#[tokio::test]
async fn health_without_a_url_of_its_own_follows_a_webhook_that_heralds_routes_move() {
    let world = World::new().await;
    for (named, asked) in [
        (json!(null), MOVED),
        (json!("https://test.com/health"), "https://test.com/health"),
    ] {
        let made = subscription(&world, json!({ "healthCheckUrl": named })).await;
        let path = path(&made);
        let id = world.get(&own(&path)).await["recipients"][0]["id"].take();
        let body = json!({ "recipients": [{ "id": id, "target": MOVED }] });
        change(&world, &own(&path), body).await;
        assert_eq!(asked_at(&world, &path).await, asked);
        assert_eq!(
            world.get(&path).await.get("healthCheckUrl"),
            made.get("healthCheckUrl")
        );
    }
    world.may_leave_messages();
}

#[tokio::test]
async fn health_that_heralds_routes_took_away_comes_back_as_the_webhooks() {
    let world = World::new().await;
    let health = json!({ "healthCheckUrl": "https://test.com/health" });
    let path = path(&subscription(&world, health).await);
    change(&world, &own(&path), json!({ "health": null })).await;
    let flag = json!({ "retryPolicy": { "deactivateFlag": "true" } });
    let changed = change(&world, &path, flag).await;
    assert_eq!(changed.get("healthCheckUrl"), None, "nobody named one");
    change(&world, &path, json!({ "webhookUrl": MOVED })).await;
    assert_eq!(asked_at(&world, &path).await, MOVED);
    world.may_leave_messages();
}

#[tokio::test]
async fn retries_that_heralds_routes_gave_it_in_seconds_are_told_in_minutes_that_may_be_sent_back()
{
    let world = World::new().await;
    let path = path(&subscription(&world, json!({})).await);
    let retry = json!({
        "schedule": "arithmetic", "firstRetrySeconds": 30, "intervalSeconds": 90, "retries": 3,
        "repeats": 1, "repeatWaitSeconds": 1,
    });
    change(&world, &own(&path), json!({ "retryPolicy": retry })).await;
    let mut shown = world.get(&path).await["retryPolicy"].take();
    let minutes = [
        &shown["firstRetry"],
        &shown["interval"],
        &shown["repeatSequenceWaitTime"],
    ];
    assert_eq!(minutes, [1, 2, 1]);
    shown["numberOfRetries"] = json!(5);
    let body = json!({ "retryPolicy": { "numberOfRetries": 5 } });
    assert_eq!(change(&world, &path, body).await["retryPolicy"], shown);
    world.may_leave_messages();
}
