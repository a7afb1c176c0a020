//! Accounts as the operator makes, shows and renames them.

use crate::keys;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

pub(crate) const ACCOUNTS: &str = "/herald/v1/accounts";

/// Makes an account and returns it.
pub(crate) async fn made(world: &World, body: Value) -> Value {
    let reply = world.operate(Method::POST, ACCOUNTS, body).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    reply.json
}

/// An account's path.
pub(crate) fn path(account: &Value) -> String {
    format!("{ACCOUNTS}/{}", account["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn no_account_has_the_id_of_another_as_its_external_id() {
    let world = World::new().await;
    let own = world.tenant.account.to_string();
    for id in [own.clone(), own.to_uppercase(), own.replace('-', "")] {
        let refused = create(&world, &json!({ "name": "A", "externalId": id })).await;
        let told = (refused.status.as_u16(), keys(&refused));
        assert_eq!(told, (400, vec!["externalId"]), "{id}");
    }
    let other = "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90";
    let body = json!({ "name": "A", "externalId": other });
    assert_eq!(
        made(&world, body).await["externalId"],
        other,
        "its own UUID"
    );
}

async fn create(world: &World, body: &Value) -> Reply {
    world.operate(Method::POST, ACCOUNTS, body.clone()).await
}

#[tokio::test]
async fn an_account_is_made_and_shown_under_its_id_and_its_external_id() {
    let world = World::new().await;
    let body = json!({ "name": "Acme", "externalId": "crm:42", "parentId": "invoicetest" });
    let account = made(&world, body).await;
    let expected = json!({
        "id": account["id"], "number": 2, "name": "Acme", "externalId": "crm:42",
        "parentId": world.tenant.account, "status": "active",
        "createdAt": "2026-01-05T10:00:00Z",
    });
    assert_eq!(account, expected);
    let encoded = format!("{ACCOUNTS}/crm%3A42");
    for path in [path(&account), encoded] {
        let shown = world.operate(Method::GET, &path, json!(null)).await;
        assert_eq!((shown.status.as_u16(), shown.json), (200, account.clone()));
    }
    let organisation = made(&world, json!({ "name": "Alone", "parentId": null })).await;
    assert_eq!(organisation["number"], 3);
    for field in ["parentId", "externalId"] {
        assert_eq!(organisation.get(field), None, "{organisation}");
    }
}

#[tokio::test]
async fn every_rule_of_an_account_names_its_field() {
    let world = World::new().await;
    let long = "x".repeat(256);
    for (body, expected) in [
        (json!({}), vec!["name"]),
        (json!({ "name": null }), vec!["name"]),
        (json!({ "name": 1 }), vec!["name"]),
        (json!({ "name": " " }), vec!["name"]),
        (json!({ "name": "a\nb" }), vec!["name"]),
        (json!({ "name": long }), vec!["name"]),
        (json!({ "name": "A", "externalId": "" }), vec!["externalId"]),
        (
            json!({ "name": "A", "externalId": "a/b" }),
            vec!["externalId"],
        ),
        (
            json!({ "name": "A", "externalId": "é" }),
            vec!["externalId"],
        ),
        (json!({ "name": "A", "externalId": 7 }), vec!["externalId"]),
        (
            json!({ "name": "A", "externalId": "x".repeat(257) }),
            vec!["externalId"],
        ),
        (
            json!({ "name": "A", "parentId": "nobody" }),
            vec!["parentId"],
        ),
        (json!({ "name": "A", "parentId": "" }), vec!["parentId"]),
        (json!({ "name": "A", "parentId": [] }), vec!["parentId"]),
        (
            json!({ "name": "A", "parentId": "x".repeat(3_000) }),
            vec!["parentId"],
        ),
        (json!({ "name": "A", "status": "active" }), vec!["status"]),
        (
            json!({ "id": "x", "name": "", "externalId": " ", "parentId": "x" }),
            vec!["id", "name", "externalId", "parentId"],
        ),
        (json!([]), vec!["body"]),
        (json!(null), vec!["body"]),
    ] {
        let reply = create(&world, &body).await;
        let told = (reply.status.as_u16(), keys(&reply));
        assert_eq!(told, (400, expected), "{body}: {}", reply.json);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    let listed = world.operate(Method::GET, ACCOUNTS, json!(null)).await;
    let count = listed.json["items"].as_array().map(Vec::len);
    assert_eq!(count, Some(1), "nothing was made: {}", listed.json);
}

#[tokio::test]
async fn the_longest_names_are_taken() {
    let world = World::new().await;
    let (name, external_id) = ("é".repeat(255), "~".repeat(256));
    let body = json!({ "name": name, "externalId": external_id });
    let account = made(&world, body).await;
    assert_eq!(account["name"], name);
    let path = format!("{ACCOUNTS}/{external_id}");
    let shown = world.operate(Method::GET, &path, json!(null)).await;
    assert_eq!(shown.json["externalId"], external_id);
}

#[tokio::test]
async fn accounts_stand_five_deep_and_no_deeper() {
    let world = World::new().await;
    let mut above = made(&world, json!({ "name": "1" })).await;
    for depth in 2..=5 {
        let body = json!({ "name": depth.to_string(), "parentId": above["id"] });
        let below = made(&world, body).await;
        assert_eq!(below["parentId"], above["id"]);
        above = below;
    }
    let reply = create(&world, &json!({ "name": "6", "parentId": above["id"] })).await;
    assert_eq!(
        (reply.status.as_u16(), keys(&reply)),
        (400, vec!["parentId"])
    );
    let detail = reply.json["detail"].as_str().expect("a detail");
    assert!(detail.contains("at most 5"), "{detail}");
}

#[tokio::test]
async fn an_external_id_is_taken_once() {
    let world = World::new().await;
    let body = json!({ "name": "Acme", "externalId": "acme" });
    let account = made(&world, body.clone()).await;
    for parent in [json!(null), account["id"].clone()] {
        let again = json!({ "name": "B", "externalId": "acme", "parentId": parent });
        let reply = create(&world, &again).await;
        assert_eq!(reply.status, 409, "{}", reply.json);
        assert_eq!(reply.json["detail"], "another account has this externalId");
    }
    let path = path(&account);
    let deleted = world.operate(Method::DELETE, &path, json!(null)).await;
    assert_eq!(deleted.status, 202);
    let reply = create(&world, &body).await;
    assert_eq!(reply.status, 409, "until it is erased");
    world.may_leave_messages();
}

#[tokio::test]
async fn an_account_is_renamed_and_nothing_else_of_it_changes() {
    let world = World::new().await;
    let before = made(&world, json!({ "name": "Before", "externalId": "acme" })).await;
    let path = path(&before);
    for name in ["After", "After"] {
        let reply = world.operate(Method::PATCH, &path, json!({ "name": name }));
        let reply = reply.await;
        let mut expected = before.clone();
        expected["name"] = json!(name);
        assert_eq!((reply.status.as_u16(), &reply.json), (200, &expected));
        let shown = world.operate(Method::GET, &path, json!(null)).await;
        assert_eq!(shown.json, expected);
    }
    for (body, expected) in [
        (json!({}), vec!["name"]),
        (json!({ "name": "" }), vec!["name"]),
        (
            json!({ "name": "A", "externalId": "b" }),
            vec!["externalId"],
        ),
        (
            json!({ "name": 1, "parentId": null }),
            vec!["parentId", "name"],
        ),
        (json!("A"), vec!["body"]),
    ] {
        let reply = world.operate(Method::PATCH, &path, body.clone()).await;
        let told = (reply.status.as_u16(), keys(&reply));
        assert_eq!(told, (400, expected), "{body}: {}", reply.json);
    }
    let shown = world.operate(Method::GET, &path, json!(null)).await;
    assert_eq!(shown.json["name"], "After");
}
