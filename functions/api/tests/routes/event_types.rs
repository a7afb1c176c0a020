//! The catalogue of event types: everybody who may call sees it, the operator adds to it.

use crate::{
    refuse_queries,
    roles::{give, with},
};
use futures::future::join_all;
use herald::credential::Role;
use herald_local::world::{OPERATOR_SECRET, Reply, World};
use http::Method;
use serde_json::{Value, json};

pub(crate) const TYPES: &str = "/herald/v1/event-types";

/// Adds a type, or replaces it.
pub(crate) async fn put(world: &World, name: &str, body: Value) -> Reply {
    world
        .operate(Method::PUT, &format!("{TYPES}/{name}"), body)
        .await
}

/// Adds a type that some dialects know.
pub(crate) async fn add(world: &World, name: &str, dialects: &[&str]) -> Value {
    let body = json!({ "dialects": dialects, "description": "Something of ours" });
    let reply = put(world, name, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

pub(crate) async fn names(world: &World, query: &str) -> Vec<String> {
    let listed = world.get(&format!("{TYPES}?{query}")).await;
    let items = listed["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {listed}"));
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_type_of_the_operator_is_kept_shown_replaced_and_removed() {
    let world = World::new().await;
    let body = json!({
        "dialects": ["herald", "sequence", "herald"], "product": "billing:1",
        "description": "A sub\nwas paused", "example": { "z": 1.50, "a": [] },
    });
    let expected = json!({
        "name": "sub.paused", "dialects": ["herald", "sequence"], "product": "billing:1",
        "description": "A sub\nwas paused", "example": { "z": 1.50, "a": [] }, "builtIn": false,
    });
    let kept = put(&world, "sub.paused", body).await;
    assert_eq!((kept.status.as_u16(), &kept.json), (200, &expected));
    let one = format!("{TYPES}/sub.paused");
    assert_eq!(world.get(&one).await, expected);
    assert_eq!(
        world.get(&format!("{TYPES}?q=PAUSED")).await["items"],
        json!([expected])
    );
    let body = json!({ "dialects": ["sequence"], "description": "Less", "product": null, "example": null });
    let replaced = put(&world, "sub.paused", body).await.json;
    let expected = json!({
        "name": "sub.paused", "dialects": ["sequence"], "product": null, "description": "Less",
        "example": null, "builtIn": false,
    });
    assert_eq!((&replaced, &world.get(&one).await), (&expected, &expected));
    for status in [204, 404] {
        assert_eq!(
            world
                .operate(Method::DELETE, &one, json!(null))
                .await
                .status,
            status
        );
    }
    assert_eq!(world.call(Method::GET, &one, json!(null)).await.status, 404);
    assert_eq!(names(&world, "q=paused").await, [""; 0]);
}

#[tokio::test]
async fn a_list_is_filtered_and_paged_by_name() {
    let world = World::new().await;
    add(&world, "zz.ours", &["herald"]).await;
    add(&world, "AA_OURS", &["sequence"]).await;
    let all = names(&world, "limit=100").await;
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(all, sorted);
    let mut paged = Vec::new();
    let mut query = "limit=7".to_owned();
    loop {
        let page = world.get(&format!("{TYPES}?{query}")).await;
        let items = page["items"].as_array().expect("items");
        paged.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().expect("a name").to_owned()),
        );
        match page["pagination"]["after"].as_str() {
            Some(after) => query = format!("limit=7&after={after}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    assert_eq!(names(&world, "q=ours&dialect=sequence").await, ["AA_OURS"]);
    assert_eq!(names(&world, "q=ours&dialect=herald").await, ["zz.ours"]);
    assert_eq!(names(&world, "q=order.pa").await, ["order.paid"]);
    assert!(
        !names(&world, "dialect=sequence&limit=100")
            .await
            .contains(&"order.paid".to_owned())
    );
    let cases = [
        ("dialect=x", "dialect"),
        ("q=", "q"),
        ("limit=0", "limit"),
        ("after=a%20b", "after"),
        ("name=x", "name"),
    ];
    refuse_queries(&world, TYPES, &cases).await;
}

#[tokio::test]
async fn what_is_built_in_stays_as_it_is() {
    let world = World::new().await;
    let one = format!("{TYPES}/INVOICE_ISSUED");
    let before = world.get(&one).await;
    assert_eq!(
        (&before["builtIn"], &before["dialects"]),
        (&json!(true), &json!(["herald", "sequence"]))
    );
    let body = json!({ "dialects": ["herald"], "description": "Mine" });
    for (method, body) in [(Method::PUT, body), (Method::DELETE, json!(null))] {
        let reply = world.operate(method, &one, body).await;
        let detail = "INVOICE_ISSUED is built in, and stays as it is";
        assert_eq!(
            (reply.status.as_u16(), &reply.json["detail"]),
            (409, &json!(detail))
        );
    }
    assert_eq!(world.get(&one).await, before);
}

#[tokio::test]
async fn everybody_who_may_call_sees_it_and_only_the_operator_changes_it() {
    let world = World::new().await;
    let one = format!("{TYPES}/INVOICE_ISSUED");
    let body = json!({ "dialects": ["herald"], "description": "x" });
    let ours = format!("{TYPES}/ours");
    let operator = format!("Bearer {OPERATOR_SECRET}");
    give(&world, Role::Publish, "p").await;
    give(&world, Role::Read, "r").await;
    for (authorization, read, written) in [
        ("Bearer s", 200, 403),
        ("Bearer r", 200, 403),
        ("Bearer p", 200, 403),
        (&operator, 200, 200),
        ("Bearer x", 401, 401),
    ] {
        for path in [TYPES, &one] {
            let reply = with(&world, authorization, Method::GET, path, json!(null)).await;
            assert_eq!(reply.status, read, "{path}");
        }
        let reply = with(&world, authorization, Method::PUT, &ours, body.clone()).await;
        assert_eq!(reply.status, written);
        let reply = with(&world, authorization, Method::DELETE, &ours, json!(null)).await;
        assert_eq!(reply.status, if written == 200 { 204 } else { written });
    }
}

#[tokio::test]
async fn types_that_are_added_at_the_same_moment_are_all_there() {
    let world = World::new().await;
    let added: Vec<_> = (0..20).map(|n| format!("ours.{n:02}")).collect();
    join_all(added.iter().map(|name| add(&world, name, &["herald"]))).await;
    join_all((0..5).map(|_| add(&world, "ours.00", &["herald"]))).await;
    assert_eq!(names(&world, "q=ours&limit=100").await, added);
}
