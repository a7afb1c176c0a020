//! Who reaches which webhook of Lune's: roles, modes, accounts and dialects.

use crate::{
    created, keys,
    lune_creation::{URL, WEBHOOKS, below, create, path, second, told, webhook},
    own_policies,
    policies::own,
    roles::{give, with},
};
use herald::{
    credential::Role,
    tenant::{Mode, Tenant},
};
use herald_local::world::{Reply, World, give_credential};
use http::Method;
use serde_json::{Value, json};

/// Every route of one webhook.
fn routes_of(path: &str) -> [(Method, String, Value); 4] {
    let path = path.to_owned();
    [
        (Method::GET, path.clone(), json!(null)),
        (Method::PUT, path.clone(), json!({ "url": URL })),
        (Method::PUT, format!("{path}/rotate-secret"), json!(null)),
        (Method::DELETE, path, json!(null)),
    ]
}

async fn ask_for(
    world: &World,
    (header, account): (&str, &str),
    (method, path, body): (Method, &str, &Value),
) -> Reply {
    let request = World::request(method, path).header(header, account);
    let request = request.body(body.to_string().into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn every_route_needs_its_role_and_who_reads_sees_the_end_of_a_secret() {
    let world = World::new().await;
    for (role, secret) in [(Role::Publish, "p"), (Role::Read, "r"), (Role::Manage, "m")] {
        give(&world, role, secret).await;
    }
    let made = webhook(&world, json!({ "url": URL })).await;
    let more = [
        (Method::GET, WEBHOOKS.to_owned(), json!(null)),
        (Method::POST, WEBHOOKS.to_owned(), json!({ "url": URL })),
    ];
    for (method, path, body) in more.into_iter().chain(routes_of(&path(&made))) {
        second(&world);
        let ask = async |secret: &str| {
            let authorization = format!("Bearer {secret}");
            with(&world, &authorization, method.clone(), &path, body.clone()).await
        };
        let operator = "Basic b3BlcmF0b3I6b3BlcmF0b3Itc2VjcmV0";
        let operator = with(&world, operator, method.clone(), &path, body.clone()).await;
        assert_eq!(operator.status, 403, "{method} {path}");
        assert_eq!(ask("p").await.status, 403, "{method} {path}");
        let is_reading = method == Method::GET;
        let reader = ask("r").await;
        assert_eq!(reader.status, if is_reading { 200 } else { 403 }, "{path}");
        let manager = ask("m").await;
        assert!(manager.status.is_success(), "{method} {path}");
        if is_reading {
            assert_eq!(reader.json, manager.json, "the same is shown to both");
        }
    }
    world.may_leave_messages();
}

#[tokio::test]
async fn each_mode_has_webhooks_of_its_own() {
    let world = World::new().await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "other:other-secret").await;
    let other = "Bearer other-secret";
    let live = webhook(&world, json!({ "url": URL })).await;
    for (method, path, body) in routes_of(&path(&live)) {
        let reply = with(&world, other, method.clone(), &path, body).await;
        assert_eq!(reply.status, 404, "{method} {path}");
    }
    let made = with(&world, other, Method::POST, WEBHOOKS, json!({ "url": URL })).await;
    assert_eq!(made.json["account_type"], "test", "{}", made.json);
    let listed = world.get(WEBHOOKS).await;
    assert_eq!(listed[0]["id"], live["id"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    for (method, path, body) in routes_of(&path(&made.json)) {
        assert_eq!(world.call(method, &path, body).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn either_header_names_the_account_to_act_for() {
    let world = World::new().await;
    let [left, _] = below(&world, ["left", "right"]).await;
    let left = left.as_str().expect("an id");
    let body = json!({ "url": URL });
    for account in [
        ("lune-account", "left"),
        ("lune-account", left),
        ("herald-account", "left"),
    ] {
        let reply = ask_for(&world, account, (Method::POST, WEBHOOKS, &body)).await;
        assert_eq!(reply.status, 200, "{account:?}: {}", reply.json);
        let one = path(&reply.json);
        let get = (Method::GET, &*one, &Value::Null);
        assert_eq!(
            ask_for(&world, ("lune-account", "left"), get.clone())
                .await
                .status,
            200
        );
        let right = ask_for(&world, ("lune-account", "right"), get).await;
        assert_eq!(right.status, 404);
        let own = world.call(Method::GET, &one, json!(null)).await;
        assert_eq!(own.status, 404, "unless it is named");
    }
    second(&world);
    let beside = json!({ "url": URL, "account_ids": ["right"] });
    let reply = ask_for(
        &world,
        ("lune-account", "left"),
        (Method::POST, WEBHOOKS, &beside),
    )
    .await;
    assert_eq!(
        told(&reply).1,
        "id_invalid",
        "what is beside is not within reach"
    );
    let above = json!({ "url": URL, "account_ids": [world.tenant.account] });
    let reply = ask_for(
        &world,
        ("lune-account", "left"),
        (Method::POST, WEBHOOKS, &above),
    )
    .await;
    assert_eq!(told(&reply).1, "id_invalid");
    let both = World::request(Method::GET, WEBHOOKS);
    let both = both
        .header("herald-account", "right")
        .header("lune-account", "left");
    let both = world.send(both.body("".into()).expect("a request")).await;
    assert_eq!(
        both.json.as_array().map(Vec::len),
        Some(3),
        "Lune's comes first"
    );
    for account in ["nobody", "", "a b"] {
        let get = (Method::GET, WEBHOOKS, &Value::Null);
        let reply = ask_for(&world, ("lune-account", account), get).await;
        let message = "Lune-Account must name the credential's account or one below it";
        assert_eq!(told(&reply), (400, "id_invalid", message), "{account}");
    }
    let elsewhere = ask_for(
        &world,
        ("lune-account", "nobody"),
        (Method::GET, own_policies::OWN, &Value::Null),
    );
    assert_eq!(elsewhere.await.status, 200, "the header is Lune's alone");
}

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
