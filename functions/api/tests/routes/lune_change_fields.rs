//! The rules of what a `PUT` of Lune's asks for.

use crate::{
    lune_changes::{put, stored},
    lune_creation::{URL, below, path, told, webhook},
    policies::own,
};
use herald_local::world::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn an_update_follows_the_rules_of_its_fields() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    for (body, code, message) in [
        (
            json!({ "enabled": true }),
            "validation_error",
            "url is required",
        ),
        (
            json!({ "url": URL, "enabled": "yes" }),
            "validation_error",
            "enabled must be true or false",
        ),
        (
            json!({ "url": URL, "enabled": 1, "account_ids": [] }),
            "validation_error",
            "enabled must be true or false; account_ids must name 1 to 100 accounts",
        ),
        (
            json!({ "url": URL, "account_ids": ["nobody"] }),
            "id_invalid",
            "account_ids[0] must name the caller's account or one below it",
        ),
        (json!("x"), "validation_error", "body must be a JSON object"),
    ] {
        let reply = put(&world, &made, body.clone()).await;
        assert_eq!(told(&reply), (400, code, message), "{body}");
    }
    assert_eq!(stored(&world, &made).await.version, 1);
}

#[tokio::test]
async fn accounts_times_types_have_their_limit_here_too() {
    let world = World::new().await;
    let names = ["a", "b", "c", "d", "e", "f"];
    let accounts = below(&world, names).await;
    let made = webhook(&world, json!({ "url": URL })).await;
    for number in 0..91 {
        let path = format!("/herald/v1/event-types/t.{number}");
        let body = json!({ "dialects": ["lune"], "description": "Of the operator" });
        assert_eq!(world.operate(Method::PUT, &path, body).await.status, 200);
    }
    let types: Vec<_> = (0..91).map(|number| format!("t.{number}")).collect();
    let own = own(&path(&made));
    let narrowed = world.call(Method::PATCH, &own, json!({ "eventTypes": types }));
    assert_eq!(narrowed.await.status, 200);
    let reply = put(
        &world,
        &made,
        json!({ "url": URL, "account_ids": accounts }),
    )
    .await;
    let message = "account_ids times its types must be at most 500";
    assert_eq!(told(&reply), (400, "validation_error", message));
    let few = put(
        &world,
        &made,
        json!({ "url": URL, "account_ids": accounts[..5] }),
    )
    .await;
    assert_eq!(few.status, 200, "{}", few.json);
    world.may_leave_messages();
}
