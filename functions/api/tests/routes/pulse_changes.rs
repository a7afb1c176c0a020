//! `PATCH` and `DELETE` of Pulse's webhooks.

use crate::{
    event_types::add,
    lune_creation::below,
    pulse_creation::{CREATED, URL, WEBHOOKS, document, path, refused, webhook},
};
use herald::clock::Clock;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn change(world: &World, webhook: &Value, attributes: &Value) -> Reply {
    let body = document(attributes);
    world.call(Method::PATCH, &path(webhook), body).await
}

#[tokio::test]
async fn each_attribute_is_changed_alone_and_what_is_not_writable_is_passed_over() {
    let world = World::new().await;
    let mut made = webhook(&world, json!({ "secret": "first" })).await;
    for (name, value) in [
        ("name", json!("Other")),
        ("url", json!("https://hooks.example.com/moved")),
        ("secret", json!("second")),
        ("events", json!(["workflow:projects:deleted", CREATED])),
    ] {
        world.clock.advance(Duration::from_secs(1));
        let mut attributes = json!({
            "id": 7, "account_id": 7, "scopes": { "x": 1 }, "created_at": "2020-01-01T00:00:00Z",
            "unheard_of": null,
        });
        attributes[name] = value.clone();
        let reply = change(&world, &made, &attributes).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        made["attributes"][name] = value;
        made["attributes"]["updated_at"] = json!(world.clock.now());
        assert_eq!(reply.json, json!({ "data": made }), "{name}");
        assert_eq!(world.get(&path(&made)).await, reply.json);
    }
}

#[tokio::test]
async fn a_change_that_says_nothing_changes_nothing() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "secret": "same" })).await;
    world.clock.advance(Duration::from_secs(1));
    for attributes in [
        json!({}),
        json!({ "name": null, "secret": null }),
        json!({ "name": "CI", "url": URL, "secret": "same", "events": [CREATED] }),
    ] {
        let reply = change(&world, &made, &attributes).await;
        assert_eq!(reply.json, json!({ "data": made }), "{attributes}");
    }
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_changes_nothing() {
    let world = World::new().await;
    let made = webhook(&world, json!({})).await;
    let attributes = json!({ "name": "Other", "url": "ftp://x", "events": ["nope"], "secret": "" });
    let reply = change(&world, &made, &attributes).await;
    let pointers = ["url", "secret", "events/0"].map(|name| format!("/data/attributes/{name}"));
    assert_eq!(refused(&reply), pointers);
    assert_eq!(world.get(&path(&made)).await["data"], made);
}

#[tokio::test]
async fn a_deleted_webhook_is_gone() {
    let world = World::new().await;
    let made = webhook(&world, json!({})).await;
    let reply = world.call(Method::DELETE, &path(&made), json!(null)).await;
    assert_eq!((reply.status.as_u16(), &reply.json), (204, &json!(null)));
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let reply = world.call(method, &path(&made), document(&json!({}))).await;
        let error = json!({
            "status": "404", "title": "Verse::Error::RecordNotFound",
            "detail": "there is no such webhook",
        });
        assert_eq!(reply.json, json!({ "errors": [error] }));
        assert_eq!(reply.status, 404);
    }
    assert_eq!(world.get(WEBHOOKS).await, json!({ "data": [] }));
}

#[tokio::test]
async fn events_that_are_too_many_for_its_accounts_are_told_so() {
    let world = World::new().await;
    let names = ["a", "b", "c", "d", "e", "f"];
    below(&world, names).await;
    let made = webhook(&world, json!({})).await;
    let listed = world.get("/herald/v1/policies").await;
    let own = listed["items"][0]["id"].as_str().expect("an id");
    let own = format!("/herald/v1/policies/{own}");
    let scope = json!({ "scope": { "accounts": names } });
    let given = world.call(Method::PATCH, &own, scope).await;
    assert_eq!(given.status, 200, "{}", given.json);
    let events: Vec<_> = (0..84)
        .map(|number| format!("workflow:tasks:v{number}"))
        .collect();
    for name in &events {
        add(&world, name, &["pulse"]).await;
    }
    let reply = change(&world, &made, &json!({ "events": events })).await;
    assert_eq!(refused(&reply), ["/data/attributes/events"]);
    assert_eq!(
        reply.json["errors"][0]["detail"],
        "times the accounts that it hears of must be at most 500"
    );
}
