//! Who may make accounts, and for whom a caller may act.

use crate::{
    accounts::{ACCOUNTS, made, path},
    keys,
    roles::with,
};
use data_encoding::BASE64;
use herald_local::world::{OPERATOR_SECRET, World};
use http::Method;
use serde_json::{Value, json};

fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}

/// Every route of the operator, asked for an account.
fn routes(account: &Value) -> [(Method, String); 8] {
    let one = path(account);
    let all = format!("{one}/credentials");
    let credential = format!("{all}/first");
    [
        (Method::GET, ACCOUNTS.to_owned()),
        (Method::POST, ACCOUNTS.to_owned()),
        (Method::GET, one.clone()),
        (Method::PATCH, one.clone()),
        (Method::DELETE, one),
        (Method::GET, all.clone()),
        (Method::POST, all),
        (Method::DELETE, credential),
    ]
}

#[tokio::test]
async fn only_the_operator_opens_accounts_and_credentials() {
    let world = World::new().await;
    let account = made(&world, json!({ "name": "A" })).await;
    let nobody = json!({ "id": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90" });
    for (method, path) in routes(&account).into_iter().chain(routes(&nobody)) {
        for (authorization, status) in [
            (basic("t:s"), 403),
            ("Bearer s".to_owned(), 403),
            (basic("operator:s"), 401),
            (basic("operator:"), 401),
            (basic(&format!("t:{OPERATOR_SECRET}")), 401),
            ("Bearer nope".to_owned(), 401),
            ("Digest x".to_owned(), 401),
        ] {
            let reply = with(&world, &authorization, method.clone(), &path, json!({}));
            let reply = reply.await;
            assert_eq!(reply.status, status, "{method} {path} as {authorization}");
            assert_eq!(reply.headers["content-type"], "application/problem+json");
        }
        let request = http::Request::builder().method(method).uri(&path);
        let reply = world
            .send(request.body("{}".into()).expect("a request"))
            .await;
        assert_eq!(reply.status, 401, "without a credential");
        assert!(reply.headers.contains_key("www-authenticate"));
    }
    let shown = world
        .operate(Method::GET, &path(&account), json!(null))
        .await;
    assert_eq!(shown.json, account, "nothing was changed");
}

#[tokio::test]
async fn the_operators_secret_is_taken_with_its_id_or_alone() {
    let world = World::new().await;
    let pair = basic(&format!("operator:{OPERATOR_SECRET}"));
    for authorization in [pair, format!("Bearer {OPERATOR_SECRET}")] {
        let reply = with(&world, &authorization, Method::GET, ACCOUNTS, json!(null)).await;
        assert_eq!(reply.status, 200, "{authorization}");
    }
}

#[tokio::test]
async fn the_operator_acts_for_no_tenant() {
    let world = World::new().await;
    for (method, path) in [
        (Method::POST, "/herald/v1/events"),
        (Method::GET, "/herald/v1/events/e"),
        (Method::GET, "/herald/v1/deliveries"),
        (Method::GET, "/herald/v1/deliveries/x"),
        (Method::POST, "/herald/v1/deliveries/x/retry"),
        (Method::GET, "/api/notifications/policies"),
        (Method::POST, "/api/notifications/policies"),
    ] {
        let reply = world.operate(method.clone(), path, json!({})).await;
        assert_eq!(reply.status, 403, "{method} {path}: {}", reply.json);
        let request = http::Request::builder().method(method).uri(path);
        let request = request
            .header("authorization", format!("Bearer {OPERATOR_SECRET}"))
            .header("herald-account", "invoicetest")
            .body("{}".into());
        let reply = world.send(request.expect("a request")).await;
        // Without the id it is a secret that no account has.
        assert_eq!(reply.status, 401, "{path}: not even for a named one");
    }
}

/// What a caller is answered that acts for an account: reading, and reporting into it.
async fn act(world: &World, name: &str) -> [(u16, Vec<String>); 2] {
    let request = World::request(Method::GET, "/herald/v1/deliveries");
    let request = request.header("herald-account", name).body("".into());
    let read = world.send(request.expect("a request")).await;
    let event = json!({ "type": "INVOICE_ISSUED", "accountId": name });
    let reported = world.call(Method::POST, "/herald/v1/events", event).await;
    [read, reported].map(|reply| {
        let fields = if reply.status.is_success() {
            Vec::new()
        } else {
            keys(&reply).into_iter().map(str::to_owned).collect()
        };
        (reply.status.as_u16(), fields)
    })
}

#[tokio::test]
async fn a_caller_acts_for_accounts_below_its_own_and_for_no_stranger() {
    let world = World::new().await;
    let mut above = json!({ "id": world.tenant.account });
    for depth in 2..=5 {
        let name = format!("depth-{depth}");
        let body = json!({ "name": name, "externalId": name, "parentId": above["id"] });
        above = made(&world, body).await;
        for name in [&name, above["id"].as_str().expect("an id")] {
            assert_eq!(
                act(&world, name).await,
                [(200, vec![]), (202, vec![])],
                "{name}"
            );
        }
    }
    let stranger = made(&world, json!({ "name": "S", "externalId": "stranger" })).await;
    let its_child = json!({ "name": "C", "externalId": "child", "parentId": "stranger" });
    made(&world, its_child).await;
    let refused = [
        (400, vec!["Herald-Account".to_owned()]),
        (400, vec!["accountId".to_owned()]),
    ];
    let stranger = stranger["id"].as_str().expect("an id");
    for name in [stranger, "stranger", "child", "nobody", "depth-6"] {
        assert_eq!(act(&world, name).await, refused, "{name}");
    }
    let deleted = world
        .operate(Method::DELETE, &path(&above), json!(null))
        .await;
    assert_eq!(deleted.status, 202);
    let id = above["id"].as_str().expect("an id");
    for name in ["depth-5", id] {
        assert_eq!(act(&world, name).await, refused, "{name} is being erased");
    }
    world.settle().await;
    world.turn(herald::queue::MAX_DELAY).await;
}
