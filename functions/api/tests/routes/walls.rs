//! Every route of policies and what belongs to them: which role it needs, and that nobody reaches
//! what is another tenant's.

use crate::{
    own_policies::{OWN, everything, own, own_with, path},
    roles::{give, with},
};
use herald::{
    credential::Role,
    tenant::{Mode, Tenant},
};
use herald_local::world::{World, give_credential};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Every route of one policy.
fn routes_of(policy: &Value) -> [(Method, String, Value); 6] {
    let one = path(policy);
    let none = json!(null);
    [
        (Method::GET, one.clone(), none.clone()),
        (Method::PATCH, one.clone(), json!({ "name": "Taken" })),
        (Method::GET, format!("{one}/secret"), none.clone()),
        (Method::POST, format!("{one}/rotate-secret"), json!({})),
        (Method::POST, format!("{one}/test"), json!({})),
        (Method::DELETE, one, none),
    ]
}

/// Asks for an account, with the first account's credential.
async fn ask_for(
    world: &World,
    account: &str,
    (method, path, body): (Method, &str, &Value),
) -> StatusCode {
    let request = World::request(method, path).header("herald-account", account);
    let request = request.body(body.to_string().into());
    world.send(request.expect("a request")).await.status
}

#[tokio::test]
async fn every_route_needs_its_role() {
    let world = World::new().await;
    for (role, secret) in [(Role::Publish, "p"), (Role::Read, "r"), (Role::Manage, "m")] {
        give(&world, role, secret).await;
    }
    let policy = own(&world, json!({ "recipients": ["http://127.0.0.1:1/"] })).await;
    let suppression = "/herald/v1/suppressions/nobody@example.com".to_owned();
    let none = json!(null);
    let more = [
        (Method::GET, OWN.to_owned(), none.clone()),
        (Method::POST, OWN.to_owned(), own_with(&json!({}))),
        (
            Method::GET,
            "/herald/v1/suppressions".to_owned(),
            none.clone(),
        ),
        (Method::DELETE, suppression, none),
    ];
    for (method, path, body) in more.into_iter().chain(routes_of(&policy)) {
        let needs_manage = method != Method::GET || path.ends_with("/secret");
        let ask = async |secret: &str| {
            let authorization = format!("Bearer {secret}");
            let reply = with(&world, &authorization, method.clone(), &path, body.clone()).await;
            reply.status.as_u16()
        };
        assert_eq!(ask("nope").await, 401, "{method} {path}");
        assert_eq!(ask("operator-secret").await, 401, "{method} {path}");
        assert_eq!(ask("p").await, 403, "{method} {path}");
        assert_eq!(
            ask("r").await,
            if needs_manage { 403 } else { 200 },
            "{method} {path}"
        );
        assert!(
            ![401, 403, 500].contains(&ask("m").await),
            "{method} {path}"
        );
    }
    world.settle().await;
}

#[tokio::test]
async fn the_values_of_headers_are_hidden_from_whoever_may_not_manage() {
    let world = World::new().await;
    give(&world, Role::Read, "r").await;
    let policy = own(&world, everything()).await;
    let one = path(&policy);
    let shown = with(&world, "Bearer r", Method::GET, &one, json!(null)).await;
    let mut expected = policy.clone();
    expected["headers"] = json!({ "X-Team": null, "authorization": null });
    assert_eq!(shown.json, expected);
    assert_eq!(shown.headers["etag"], "\"1\"");
    let listed = with(&world, "Bearer r", Method::GET, OWN, json!(null)).await;
    assert_eq!(listed.json["items"], json!([expected]));
    let by_manager = world
        .call(
            Method::PATCH,
            &one,
            json!({ "headers": expected["headers"] }),
        )
        .await;
    assert_eq!(
        by_manager.status, 400,
        "what is hidden cannot be sent back, and wipes nothing"
    );
    assert_eq!(world.get(&one).await, policy);
}

#[tokio::test]
async fn the_other_mode_of_the_account_is_another_tenant() {
    let world = World::new().await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "other:other-secret").await;
    let policy = own(&world, everything()).await;
    for (method, path, body) in routes_of(&policy) {
        let reply = with(&world, "Bearer other-secret", method.clone(), &path, body).await;
        assert_eq!(reply.status, 404, "{method} {path}");
    }
    let listed = with(&world, "Bearer other-secret", Method::GET, OWN, json!(null)).await;
    assert_eq!(listed.json["items"], json!([]));
    let made = with(
        &world,
        "Bearer other-secret",
        Method::POST,
        OWN,
        everything(),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(world.get(OWN).await["items"], json!([policy]));
    for (method, path, body) in routes_of(&made.json) {
        assert_eq!(world.call(method, &path, body).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_account_reaches_what_is_below_it_and_nothing_beside_or_above() {
    let world = World::new().await;
    let above = world.tenant.account;
    for name in ["left", "right"] {
        let body = json!({ "name": name, "externalId": name, "parentId": above });
        crate::accounts::made(&world, body).await;
    }
    let credentials = "/herald/v1/accounts/left/credentials";
    let body = json!({ "mode": "live", "role": "manage" });
    let left = world.operate(Method::POST, credentials, body).await.json;
    let left = format!("Bearer {}", left["secret"].as_str().expect("a secret"));
    let upper = own(&world, json!({})).await;
    let body = own_with(&json!({}));
    assert_eq!(
        ask_for(&world, "right", (Method::POST, OWN, &body)).await,
        201
    );
    let request = World::request(Method::GET, OWN).header("herald-account", "right");
    let right = world
        .send(request.body("".into()).expect("a request"))
        .await
        .json["items"][0]
        .clone();
    for policy in [&upper, &right] {
        for (method, path, body) in routes_of(policy) {
            let reply = with(&world, &left, method, &path, body.clone()).await;
            assert_eq!(reply.status, 404, "{path}");
        }
    }
    let one = path(&right);
    assert_eq!(
        ask_for(&world, "left", (Method::GET, &one, &json!(null))).await,
        404
    );
    assert_eq!(
        world.call(Method::GET, &one, json!(null)).await.status,
        404,
        "unless it is named"
    );
    assert_eq!(
        ask_for(&world, "right", (Method::GET, &one, &json!(null))).await,
        200
    );
    assert_eq!(
        ask_for(&world, "nobody", (Method::GET, &one, &json!(null))).await,
        400
    );
}

#[tokio::test]
async fn an_idempotency_key_is_its_tenants() {
    let world = World::new().await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "other:other-secret").await;
    let make = async |authorization: &str, name: &str| {
        let body = own_with(&json!({ "name": name }));
        let request = World::request(Method::POST, OWN).header("idempotency-key", "k");
        let mut request = request.body(body.to_string().into()).expect("a request");
        let value = authorization.parse().expect("a value");
        request.headers_mut().insert("authorization", value);
        world.send(request).await
    };
    let live = make("Bearer s", "Live").await;
    let test = make("Bearer other-secret", "Test").await;
    assert_eq!((live.status.as_u16(), test.status.as_u16()), (201, 201));
    assert_ne!(live.json["id"], test.json["id"]);
}
