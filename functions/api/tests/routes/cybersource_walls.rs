//! Who reaches which subscription: what is another's looks as if it were not there, and every route
//! needs its role.

use crate::{
    accounts::made,
    cybersource_creation::{WEBHOOKS, path, request, subscription},
    cybersource_keys::{KEYS, wanted},
    own_policies::{own, path as own_path},
    roles::{give, with},
};
use herald::{
    credential::Role,
    tenant::{Mode, Tenant},
};
use herald_local::world::{World, give_credential};
use http::Method;
use serde_json::{Value, json};

/// Every route of one subscription.
fn routes_of(path: &str) -> [(Method, String, Value); 4] {
    let path = path.to_owned();
    [
        (Method::GET, path.clone(), json!(null)),
        (Method::PATCH, path.clone(), json!({ "name": "Taken" })),
        (Method::POST, path.clone(), json!(null)),
        (Method::DELETE, path, json!(null)),
    ]
}

/// Gives a credential of another tenant, by its secret.
async fn other(world: &World, tenant: Tenant, secret: &str) {
    let pair = format!("id-{secret}:{secret}");
    give_credential(&world.service.api, tenant, &pair).await;
}

#[tokio::test]
async fn what_is_anothers_looks_like_what_is_not_there() {
    let world = World::new().await;
    let account = made(&world, json!({ "name": "Stranger" })).await["id"].take();
    let account = serde_json::from_value(account).expect("an account");
    let stranger = Tenant {
        account,
        ..world.tenant
    };
    other(&world, stranger, "stranger").await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    other(&world, test, "test").await;
    let theirs = subscription(&world, json!({})).await;
    let before = world.get(&path(&theirs)).await;
    let nowhere = format!("{WEBHOOKS}/019b8d99-6900-7000-8000-000000000001");
    for secret in ["stranger", "test"] {
        let bearer = format!("Bearer {secret}");
        let ask = async |(method, path, body): (Method, String, Value)| {
            let reply = with(&world, &bearer, method, &path, body).await;
            (reply.status.as_u16(), reply.json)
        };
        for (named, unknown) in routes_of(&path(&theirs))
            .into_iter()
            .zip(routes_of(&nowhere))
        {
            let case = format!("{secret} {named:?}");
            let told = ask(named).await;
            assert_eq!(told.0, 404, "{case}");
            assert_eq!(told, ask(unknown).await, "{case}");
        }
        let (status, listed) = ask((Method::GET, WEBHOOKS.to_owned(), json!(null))).await;
        assert_eq!((status, listed), (200, json!([])));
    }
    let own = world.tenant.account;
    for name in [own.to_string(), "invoicetest".to_owned()] {
        let bearer = "Bearer stranger";
        for (path, status) in [
            (format!("{WEBHOOKS}?organizationId={name}"), 404),
            (
                format!("/notification-subscriptions/v1/products/{name}"),
                404,
            ),
        ] {
            let reply = with(&world, bearer, Method::GET, &path, json!(null)).await;
            assert_eq!(reply.status, status, "{path}");
        }
        for (path, body) in [
            (WEBHOOKS, request(&name, &json!({}))),
            (KEYS, wanted(&name, &json!({}))),
        ] {
            let reply = with(&world, bearer, Method::POST, path, body).await;
            assert_eq!(reply.status, 400, "{path}");
        }
    }
    assert_eq!(world.get(&path(&theirs)).await, before);
}

#[tokio::test]
async fn a_policy_of_another_dialect_is_no_subscription() {
    let world = World::new().await;
    let policy = own(
        &world,
        json!({ "recipients": ["https://example.com/hook"] }),
    )
    .await;
    let id = policy["id"].as_str().expect("an id");
    for id in [
        id,
        "nope",
        "%ff",
        "..",
        "%00",
        "019B8D99-6900-7000-8000-000000000001",
    ] {
        for (method, path, body) in routes_of(&format!("{WEBHOOKS}/{id}")) {
            let reply = world.call(method.clone(), &path, body).await;
            assert_eq!(reply.status, 404, "{method} {path}");
            assert_eq!(reply.json["reason"], "NOT_FOUND", "{method} {path}");
        }
    }
    assert_eq!(world.get(&own_path(&policy)).await["name"], policy["name"]);
}

#[tokio::test]
async fn every_route_needs_its_role() {
    let world = World::new().await;
    for (role, secret) in [(Role::Publish, "p"), (Role::Read, "r"), (Role::Manage, "m")] {
        give(&world, role, secret).await;
    }
    let name = world.tenant.account.to_string();
    let made = subscription(&world, json!({ "webhookUrl": "http://127.0.0.1:1/" })).await;
    let products = format!("/notification-subscriptions/v1/products/{name}");
    let more = [
        (Method::GET, products, json!(null)),
        (Method::GET, WEBHOOKS.to_owned(), json!(null)),
        (
            Method::POST,
            WEBHOOKS.to_owned(),
            request(&name, &json!({})),
        ),
        (Method::POST, KEYS.to_owned(), wanted(&name, &json!({}))),
    ];
    for (method, path, body) in more.into_iter().chain(routes_of(&path(&made))) {
        let ask = async |secret: &str| {
            let bearer = format!("Bearer {secret}");
            with(&world, &bearer, method.clone(), &path, body.clone()).await
        };
        let case = format!("{method} {path}");
        let unknown = ask("nobody").await;
        assert_eq!(unknown.status, 401, "{case}");
        assert_eq!(unknown.json["reason"], "UNAUTHORIZED", "{case}");
        let publisher = ask("p").await;
        assert_eq!(publisher.status, 403, "{case}");
        assert_eq!(publisher.json["reason"], "FORBIDDEN", "{case}");
        let reader = ask("r").await.status.as_u16();
        let is_reading = method == Method::GET;
        assert_eq!(reader, if is_reading { 200 } else { 403 }, "{case}");
        let manager = ask("m").await;
        assert!(manager.status.is_success(), "{case}: {}", manager.json);
    }
    world.may_leave_messages();
}
