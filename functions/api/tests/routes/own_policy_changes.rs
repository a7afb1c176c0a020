//! Changes to policies of every dialect: only what is named, and only of the version that is meant.

use crate::{
    created, keys,
    own_policies::{OWN, everything, own, path, told},
    policies::own as own_path,
};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) async fn change(world: &World, policy: &Value, body: Value) -> Reply {
    world.call(Method::PATCH, &path(policy), body).await
}

/// A change of the version that a tag names.
pub(crate) async fn change_if(world: &World, policy: &Value, tags: &[&str], body: Value) -> Reply {
    let mut request = World::request(Method::PATCH, &path(policy));
    for tag in tags {
        request = request.header("if-match", *tag);
    }
    let request = request.body(body.to_string().into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn only_what_is_named_changes() {
    let world = World::new().await;
    let mut expected = own(&world, everything()).await;
    for (version, (field, value)) in (2_u64..).zip([
        ("name", json!("Renamed")),
        ("description", json!("Another")),
        ("eventTypes", json!(["order.failed"])),
        ("timeoutSeconds", json!(15)),
        ("headers", json!({ "X-B": "b" })),
        ("contact", json!("help@example.com")),
        ("metadata", json!({ "b": "c" })),
        ("eventTypes", json!(null)),
        ("description", json!(null)),
        ("timeoutSeconds", json!(null)),
        ("contact", json!(null)),
    ]) {
        world.clock.advance(Duration::from_secs(60));
        let reply = change(&world, &expected, json!({ field: value })).await;
        expected[field] = value;
        expected["version"] = json!(version);
        expected["updatedAt"] = json!(world.service.parts.clock.now());
        assert_eq!(
            (reply.status.as_u16(), &reply.json),
            (200, &expected),
            "{field}"
        );
        assert_eq!(reply.headers["etag"], format!("\"{version}\""));
        assert_eq!(world.get(&path(&expected)).await, expected);
    }
}

#[tokio::test]
async fn headers_and_metadata_are_replaced_whole_and_cleared_by_null_or_nothing() {
    let world = World::new().await;
    let policy = own(&world, everything()).await;
    for cleared in [json!(null), json!({})] {
        let full = json!({ "headers": { "X-A": "a" }, "metadata": { "a": "b" } });
        let set = change(&world, &policy, full.clone()).await;
        assert_eq!(
            (&set.json["headers"], &set.json["metadata"]),
            (&full["headers"], &full["metadata"])
        );
        let none = change(
            &world,
            &policy,
            json!({ "headers": cleared, "metadata": cleared }),
        )
        .await;
        assert_eq!(
            (&none.json["headers"], &none.json["metadata"]),
            (&json!({}), &json!({}))
        );
    }
}

#[tokio::test]
async fn a_change_to_what_is_there_makes_no_version() {
    let world = World::new().await;
    let mut fields = everything();
    fields["headers"] = json!(null);
    let policy = own(&world, fields.clone()).await;
    world.clock.advance(Duration::from_secs(60));
    fields.as_object_mut().expect("an object").remove("channel");
    for body in [
        json!({}),
        fields,
        json!({ "recipients": policy["recipients"] }),
    ] {
        let reply = change(&world, &policy, body).await;
        assert_eq!((reply.status.as_u16(), &reply.json), (200, &policy));
    }
}

#[tokio::test]
async fn what_never_changes_is_refused_with_its_name() {
    let world = World::new().await;
    let policy = own(&world, everything()).await;
    for field in [
        "id",
        "dialect",
        "channel",
        "createdAt",
        "updatedAt",
        "version",
    ] {
        for value in [&policy[field], &json!(null), &json!("x")] {
            let reply = change(&world, &policy, json!({ "name": "x", field: value })).await;
            let expected = vec![format!("{field} cannot be changed")];
            assert_eq!((reply.status.as_u16(), told(&reply)), (400, expected));
        }
    }
    let reply = change(&world, &policy, json!({ "secret": "x".repeat(24) })).await;
    assert_eq!(told(&reply), ["secret is changed by rotate-secret"]);
    assert_eq!(world.get(&path(&policy)).await, policy);
}

#[tokio::test]
async fn only_the_version_that_is_meant_is_changed() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    for tags in [
        &["\"2\""][..],
        &["\"0\""],
        &["W/\"1\""],
        &["1"],
        &["'1'"],
        &[""],
        &["\"1"],
        &["\"2\", \"3\"", "\"x\""],
        &["é"],
        &["\"01\""],
    ] {
        let reply = change_if(&world, &policy, tags, json!({ "name": "Lost" })).await;
        assert_eq!(reply.status, 412, "{tags:?}: {}", reply.json);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        let detail = reply.json["detail"].as_str().expect("a detail");
        assert!(detail.contains("\"1\""), "{detail}");
    }
    assert_eq!(world.get(&path(&policy)).await, policy);
    for (version, tags) in (1..).zip([
        &["\"1\""][..],
        &["*"],
        &["\"9\",\"3\""],
        &["\"9\"", "\"4\""],
    ]) {
        let body = json!({ "name": format!("After {version}") });
        let reply = change_if(&world, &policy, tags, body).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["version"]),
            (200, &json!(version + 1))
        );
    }
    let same = change_if(&world, &policy, &["\"1\""], json!({})).await;
    assert_eq!(same.status, 412, "whatever would change");
}

#[tokio::test]
async fn a_policy_of_sequence_is_changed_within_what_sequence_knows() {
    let world = World::new().await;
    let there = created(&world, json!({})).await;
    let here = own_path(&there);
    let body = json!({
        "name": "Renamed", "description": "Ours", "eventTypes": ["QUOTE_SIGNED"],
        "recipients": ["https://hooks.example.com/new"], "timeoutSeconds": 3,
        "headers": { "X-A": "a" }, "contact": "ops@example.com", "metadata": { "a": "b" },
    });
    let changed = world.call(Method::PATCH, &here, body.clone()).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.json["dialect"]),
        (200, &json!("sequence"))
    );
    for name in [
        "name",
        "description",
        "eventTypes",
        "timeoutSeconds",
        "headers",
        "metadata",
    ] {
        assert_eq!(changed.json[name], body[name], "{name}");
    }
    let shown = world.get(&there).await;
    assert_eq!(shown["notificationTypes"], json!(["QUOTE_SIGNED"]));
    assert_eq!(
        shown["recipients"],
        json!(["https://hooks.example.com/new"])
    );
    assert_eq!(
        shown.get("headers"),
        None,
        "Sequence knows no more than before"
    );
    let foreign = world
        .call(
            Method::PATCH,
            &here,
            json!({ "eventTypes": ["order.paid"] }),
        )
        .await;
    let rule = "eventTypes[0] must be an event type that the dialect sequence knows";
    assert_eq!(
        (foreign.status.as_u16(), told(&foreign)),
        (400, vec![rule.to_owned()])
    );
    let all = world
        .call(Method::PATCH, &here, json!({ "eventTypes": null }))
        .await;
    assert_eq!(
        (all.status.as_u16(), &all.json["eventTypes"]),
        (200, &json!(null))
    );
    assert_eq!(world.get(&there).await.get("notificationTypes"), None);
    world.settle().await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_changed() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let gone = path(&policy);
    assert_eq!(
        world.call(Method::DELETE, &gone, json!(null)).await.status,
        204
    );
    for path in [
        &gone,
        &format!("{OWN}/nope"),
        &format!("{OWN}/%ff"),
        &format!("{OWN}/.."),
    ] {
        let reply = world
            .call(Method::PATCH, path, json!({ "unheardOf": 1 }))
            .await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let reply = world.call(Method::PUT, &gone, json!({})).await;
    assert_eq!(reply.status, 405);
    let listed = world
        .call(Method::GET, &format!("{OWN}?eventType=a&x=1"), json!(null))
        .await;
    assert_eq!(keys(&listed), ["x"]);
    world.settle().await;
}
