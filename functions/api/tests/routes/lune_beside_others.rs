//! Lune's routes beside those of the other dialects: whose policies each knows, and how each refuses.

use crate::{
    created, keys,
    lune_creation::{URL, WEBHOOKS, create, path, told, webhook},
    lune_walls::routes_of,
    own_policies,
    policies::own,
    roles::with,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_dialects_routes_know_its_own_policies_alone() {
    let world = World::new().await;
    let sequence = created(&world, json!({})).await;
    let made = webhook(&world, json!({ "url": URL })).await;
    for (method, path, body) in routes_of(&sequence.replace(crate::POLICIES, WEBHOOKS)) {
        assert_eq!(world.call(method, &path, body).await.status, 404, "{path}");
    }
    let there = path(&made).replace(WEBHOOKS, crate::POLICIES);
    assert_eq!(
        world.call(Method::GET, &there, json!(null)).await.status,
        404
    );
    assert_eq!(
        world.get(crate::POLICIES).await["pagination"]["totalResultSize"],
        1
    );
}

#[tokio::test]
async fn every_form_of_a_credential_opens_every_dialect_and_each_refuses_in_its_own_shape() {
    let world = World::new().await;
    let paths = [own_policies::OWN, crate::POLICIES, WEBHOOKS];
    for path in paths {
        for form in ["Basic dDpz", "basic dDpz", "Bearer s", "bearer s"] {
            let reply = with(&world, form, Method::GET, path, json!(null)).await;
            assert_eq!(reply.status, 200, "{path} {form}");
        }
        for form in [
            "Basic dDpub3Bl",
            "Basic bm9wZTpz",
            "Bearer nope",
            "Digest s",
            "Bearer",
        ] {
            let reply = with(&world, form, Method::GET, path, json!(null)).await;
            assert_eq!(reply.status, 401, "{path} {form}");
            let kind = reply.headers["content-type"].to_str().expect("text");
            match path {
                WEBHOOKS => assert_eq!(told(&reply).1, "unauthorised"),
                crate::POLICIES => assert_eq!(keys(&reply), ["Authorization"]),
                _ => assert_eq!(kind, "application/problem+json"),
            }
        }
    }
}

#[tokio::test]
async fn heralds_own_routes_show_and_change_a_webhook_of_lunes() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let one = own(&path(&made));
    let shown = world.get(&one).await;
    assert_eq!(
        (&shown["dialect"], &shown["name"]),
        (&json!("lune"), &json!("Lune webhook"))
    );
    assert_eq!(
        (&shown["scope"], &shown["eventTypes"]),
        (&json!("descendants"), &json!(null))
    );
    assert_eq!(shown["retryPolicy"]["schedule"], "until_acknowledged");
    let found = world
        .get("/herald/v1/policies?dialect=lune&eventType=order.paid")
        .await;
    assert_eq!(found["items"], json!([shown]));
    let change = async |body: Value| world.call(Method::PATCH, &one, body).await;
    let reply = change(json!({ "eventTypes": ["INVOICE_ISSUED"] })).await;
    let rule = "eventTypes[0] must be an event type that the dialect lune knows";
    assert_eq!(own_policies::told(&reply), [rule]);
    let reply = change(json!({ "name": "Ours", "scope": "own" })).await;
    assert_eq!(reply.json["name"], "Ours", "{}", reply.json);
    let listed = world.get(WEBHOOKS).await;
    assert_eq!(listed[0]["account_ids"], json!([world.tenant.account]));
    let secret = world.get(&format!("{one}/secret")).await;
    assert_eq!(secret["secret"], made["secret"]);
    let deleted = world.call(Method::DELETE, &one, json!(null)).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(world.get(WEBHOOKS).await, json!([]));
    assert_eq!(create(&world, json!({ "url": URL })).await.status, 200);
    world.settle().await;
}
