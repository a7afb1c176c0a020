//! Who reaches which webhook of Lune's: roles, modes and accounts.

use crate::{
    lune_creation::{URL, WEBHOOKS, below, path, second, told, webhook},
    own_policies,
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
pub(crate) fn routes_of(path: &str) -> [(Method, String, Value); 4] {
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
        let same = ask_for(&world, ("lune-account", "left"), get.clone()).await;
        assert_eq!(same.status, 200);
        let right = ask_for(&world, ("lune-account", "right"), get).await;
        assert_eq!(right.status, 404);
        let own = world.call(Method::GET, &one, json!(null)).await;
        assert_eq!(own.status, 404, "unless it is named");
    }
    let both = World::request(Method::GET, WEBHOOKS)
        .header("herald-account", "right")
        .header("lune-account", "left");
    let both = world.send(both.body("".into()).expect("a request")).await;
    let listed = both.json.as_array().map(Vec::len);
    assert_eq!(listed, Some(3), "Lune's comes first");
}

#[tokio::test]
async fn an_account_that_is_not_within_reach_is_an_invalid_id() {
    let world = World::new().await;
    below(&world, ["left", "right"]).await;
    let as_left = ("lune-account", "left");
    for out_of_reach in [json!("right"), json!(world.tenant.account)] {
        let body = json!({ "url": URL, "account_ids": [out_of_reach] });
        let reply = ask_for(&world, as_left, (Method::POST, WEBHOOKS, &body)).await;
        assert_eq!(told(&reply).1, "id_invalid", "{body}");
    }
    let get = |path| (Method::GET, path, &Value::Null);
    for account in ["nobody", "", "a b"] {
        let reply = ask_for(&world, ("lune-account", account), get(WEBHOOKS)).await;
        let message = "Lune-Account must name the credential's account or one below it";
        assert_eq!(told(&reply), (400, "id_invalid", message), "{account}");
    }
    let reply = ask_for(&world, ("herald-account", "nobody"), get(WEBHOOKS)).await;
    assert_eq!(told(&reply).1, "id_invalid");
    let elsewhere = ask_for(&world, ("lune-account", "nobody"), get(own_policies::OWN));
    assert_eq!(elsewhere.await.status, 200, "the header is Lune's alone");
}
