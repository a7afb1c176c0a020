//! Who reaches which webhook of Pulse's: roles, modes, accounts and dialects.

use crate::{
    lune_creation::below,
    own_policies::OWN,
    pulse_creation::{URL, WEBHOOKS, attributes, document, path, webhook},
    pulse_login::token,
    roles::{give, with},
};
use herald::{
    credential::Role,
    tenant::{Mode, Tenant},
};
use herald_local::world::{World, give_credential};
use http::Method;
use serde_json::{Value, json};

/// Every route of one webhook.
pub(crate) fn routes_of(path: &str) -> [(Method, String, Value); 4] {
    let test = path.replace(WEBHOOKS, &format!("{WEBHOOKS}/test"));
    [
        (Method::GET, path.to_owned(), json!(null)),
        (
            Method::PATCH,
            path.to_owned(),
            document(&json!({ "name": "Other" })),
        ),
        (Method::POST, test, json!(null)),
        (Method::DELETE, path.to_owned(), json!(null)),
    ]
}

#[tokio::test]
async fn every_route_needs_its_role() {
    let world = World::new().await;
    for (role, secret) in [(Role::Publish, "p"), (Role::Read, "r"), (Role::Manage, "m")] {
        give(&world, role, secret).await;
    }
    let made = webhook(&world, json!({})).await;
    let more = [
        (Method::GET, WEBHOOKS.to_owned(), json!(null)),
        (Method::GET, format!("{WEBHOOKS}/events"), json!(null)),
        (
            Method::POST,
            WEBHOOKS.to_owned(),
            document(&attributes(&json!({}))),
        ),
    ];
    for (method, path, body) in more.into_iter().chain(routes_of(&path(&made))) {
        let ask = async |form: &str| with(&world, form, method.clone(), &path, body.clone()).await;
        let operator = ask("Basic b3BlcmF0b3I6b3BlcmF0b3Itc2VjcmV0").await;
        let publisher = ask("Bearer p").await;
        for reply in [operator, publisher] {
            assert_eq!(reply.status, 403, "{method} {path}");
            let error = &reply.json["errors"][0];
            assert_eq!(error["status"], "403");
            assert_eq!(error["title"], "Verse::Error::Unauthorized");
        }
        let nobody = ask("Bearer nope").await;
        assert_eq!(nobody.status, 401);
        let error = &nobody.json["errors"][0];
        assert_eq!(
            (&error["status"], &error["title"]),
            (&json!("401"), &json!("Verse::Error::Authorization"))
        );
        let reader = ask("Bearer r").await;
        let may_read = method == Method::GET;
        assert_eq!(reader.status, if may_read { 200 } else { 403 }, "{path}");
        assert!(ask("Bearer m").await.status.is_success(), "{method} {path}");
    }
    world.may_leave_messages();
}

#[tokio::test]
async fn each_mode_has_webhooks_and_ids_of_its_own() {
    let world = World::new().await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "other:other-secret").await;
    let live = webhook(&world, json!({ "name": "live" })).await;
    for other in [
        "Bearer other-secret",
        &format!("Bearer {}", token(&world, "other-secret").await),
    ] {
        for (method, path, body) in routes_of(&path(&live)) {
            let reply = with(&world, other, method.clone(), &path, body).await;
            assert_eq!(reply.status, 404, "{method} {path}");
        }
    }
    let other = "Bearer other-secret";
    let body = document(&attributes(&json!({ "name": "test" })));
    let made = with(&world, other, Method::POST, WEBHOOKS, body).await;
    assert_eq!(made.json["data"]["id"], live["id"], "{}", made.json);
    let names = |list: &Value| {
        let webhooks = list["data"].as_array().expect("webhooks").iter();
        let names = webhooks.map(|it| it["attributes"]["name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&world.get(WEBHOOKS).await), ["live"]);
    let listed = with(&world, other, Method::GET, WEBHOOKS, json!(null)).await;
    assert_eq!(names(&listed.json), ["test"]);
}

#[tokio::test]
async fn an_account_below_has_webhooks_of_its_own_and_its_own_integer() {
    let world = World::new().await;
    let [_, _] = below(&world, ["left", "right"]).await;
    let as_account = async |account: &str, method: Method, path: &str, body: &Value| {
        let request = World::request(method, path).header("herald-account", account);
        let request = request.body(body.to_string().into());
        world.send(request.expect("a request")).await
    };
    let body = document(&attributes(&json!({})));
    let made = as_account("left", Method::POST, WEBHOOKS, &body).await;
    assert_eq!(
        made.json["data"]["attributes"]["account_id"], 2,
        "{}",
        made.json
    );
    let path = path(&made.json["data"]);
    for (method, path, body) in routes_of(&path) {
        let strangers = as_account("right", method.clone(), &path, &body).await;
        assert_eq!(strangers.status, 404, "{method} {path}");
        assert_eq!(
            world.call(method, &path, body).await.status,
            404,
            "unless it is named"
        );
    }
    let nobody = as_account("nobody", Method::GET, WEBHOOKS, &json!(null)).await;
    assert_eq!(nobody.status, 422);
    assert_eq!(
        nobody.json["errors"][0]["source"],
        json!({ "header": "Herald-Account" })
    );
}

#[tokio::test]
async fn heralds_own_routes_show_and_change_a_webhook_of_pulses() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "name": "CI" })).await;
    let listed = world.get(&format!("{OWN}?dialect=pulse")).await;
    let policy = &listed["items"][0];
    assert_eq!(
        (&policy["dialect"], &policy["name"]),
        (&json!("pulse"), &json!("CI"))
    );
    let own = format!("{OWN}/{}", policy["id"].as_str().expect("an id"));
    let fields = json!({ "name": "Renamed", "recipients": [URL, "https://b.example.com/"] });
    let changed = world.call(Method::PATCH, &own, fields).await;
    assert_eq!(changed.status, 200, "{}", changed.json);
    let shown = world.get(&path(&made)).await;
    let attributes = &shown["data"]["attributes"];
    assert_eq!(
        (&attributes["name"], &attributes["url"]),
        (&json!("Renamed"), &json!(URL))
    );
    for prefix in [
        crate::POLICIES,
        "/v1/webhooks",
        "/notification-subscriptions/v1/webhooks",
    ] {
        let path = own.replace(OWN, prefix);
        let reply = world.call(Method::GET, &path, json!(null)).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let uuid = own.replace(OWN, WEBHOOKS);
    assert_eq!(
        world.call(Method::GET, &uuid, json!(null)).await.status,
        404
    );
    let deleted = world.call(Method::DELETE, &own, json!(null)).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(
        world
            .call(Method::GET, &path(&made), json!(null))
            .await
            .status,
        404
    );
}
