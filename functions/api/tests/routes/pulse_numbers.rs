//! The ids of Pulse's webhooks: integers, unique and rising in their account.

use crate::{
    own_policies::{OWN, path as own_path, told},
    pulse_creation::{WEBHOOKS, path, webhook},
};
use futures::future::join_all;
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn number(made: &Value) -> u64 {
    let id = made["id"].as_str().expect("an id");
    id.parse().expect("an integer")
}

#[tokio::test]
async fn twenty_clients_at_once_get_twenty_ids() {
    let world = World::new().await;
    let made = join_all((0..20).map(|_| webhook(&world, json!({})))).await;
    let numbers: BTreeSet<_> = made.iter().map(number).collect();
    assert_eq!(numbers, (1..=20).collect());
    let listed = world.get(WEBHOOKS).await;
    let listed = listed["data"]
        .as_array()
        .expect("webhooks")
        .iter()
        .map(number);
    assert!(listed.eq(1..=20), "in their order");
}

#[tokio::test]
async fn an_id_is_never_given_twice() {
    let world = World::new().await;
    let first = webhook(&world, json!({})).await;
    let deleted = world.call(Method::DELETE, &path(&first), json!(null)).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(number(&webhook(&world, json!({})).await), 2);
    assert_eq!(
        world
            .call(Method::GET, &path(&first), json!(null))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn heralds_own_routes_show_it_and_do_not_change_it() {
    let world = World::new().await;
    webhook(&world, json!({})).await;
    webhook(&world, json!({})).await;
    let listed = world.get(OWN).await["items"].take();
    let policies = listed.as_array().expect("policies");
    let numbers: BTreeSet<_> = policies.iter().map(|it| it["number"].as_u64()).collect();
    assert_eq!(numbers, BTreeSet::from([Some(1), Some(2)]));
    let change = json!({ "number": 3 });
    let refused = world
        .call(Method::PATCH, &own_path(&policies[0]), change)
        .await;
    assert_eq!(told(&refused), ["number cannot be changed"]);
}
