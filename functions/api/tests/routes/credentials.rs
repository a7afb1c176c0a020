//! Credentials as the operator makes, lists and revokes them.

use crate::{
    accounts::{ACCOUNTS, made, path},
    keys,
    roles::with,
};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const POLICIES: &str = "/api/notifications/policies";

/// A world with an account, and the path of its credentials.
async fn set() -> (World, String) {
    let world = World::new().await;
    let account = made(&world, json!({ "name": "A", "externalId": "acme" })).await;
    let path = format!("{}/credentials", path(&account));
    (world, path)
}

async fn give(world: &World, path: &str, mode: &str, role: &str) -> Value {
    let body = json!({ "mode": mode, "role": role });
    let reply = world.operate(Method::POST, path, body).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    reply.json
}

/// Asks with a credential's secret.
async fn ask(world: &World, credential: &Value, method: Method, path: &str) -> Reply {
    let secret = credential["secret"].as_str().expect("a secret");
    with(world, &format!("Bearer {secret}"), method, path, json!({})).await
}

fn text<'a>(credential: &'a Value, field: &str) -> &'a str {
    credential[field].as_str().expect("a text")
}

#[tokio::test]
async fn a_credential_opens_its_account_in_its_mode_and_role() {
    let (world, path) = set().await;
    let mut secrets = BTreeSet::new();
    for mode in ["live", "test"] {
        for (role, publish, read, manage) in [
            ("publish", 400, 403, 403),
            ("read", 403, 200, 403),
            ("manage", 400, 200, 400),
        ] {
            let made = give(&world, &path, mode, role).await;
            let expected = json!({
                "id": made["id"], "accountId": made["accountId"], "mode": mode, "role": role,
                "secret": made["secret"], "createdAt": "2026-01-05T10:00:00Z",
            });
            assert_eq!(made, expected);
            assert!(path.contains(text(&made, "accountId")));
            let random = text(&made, "secret").strip_prefix(&format!("hk_{mode}_"));
            assert_eq!(random.map(str::len), Some(43), "{made}");
            secrets.insert(text(&made, "secret").to_owned());
            for (method, path, status) in [
                (Method::POST, "/herald/v1/events", publish),
                (Method::GET, POLICIES, read),
                (Method::POST, POLICIES, manage),
            ] {
                let reply = ask(&world, &made, method.clone(), path).await;
                assert_eq!(reply.status, status, "{method} {path}: {role}");
            }
        }
    }
    assert_eq!(secrets.len(), 6, "no secret comes twice");
}

#[tokio::test]
async fn what_a_credential_of_one_mode_makes_is_not_seen_in_the_other() {
    let (world, path) = set().await;
    let (live, test) = (
        give(&world, &path, "live", "manage").await,
        give(&world, &path, "test", "manage").await,
    );
    let bearer = format!("Bearer {}", text(&test, "secret"));
    let body = json!({ "name": "P", "channel": "EMAIL", "recipients": ["a@example.com"] });
    let created = with(&world, &bearer, Method::POST, POLICIES, body).await;
    assert_eq!(created.status, 201, "{}", created.json);
    for (credential, count) in [(&live, 0), (&test, 1)] {
        let listed = ask(&world, credential, Method::GET, POLICIES).await;
        assert_eq!(listed.json["pagination"]["totalResultSize"], count);
    }
}

#[tokio::test]
async fn every_rule_of_a_credential_names_its_field() {
    let (world, path) = set().await;
    for (body, expected) in [
        (json!({}), vec!["mode", "role"]),
        (json!({ "mode": "live" }), vec!["role"]),
        (json!({ "role": "read", "mode": null }), vec!["mode"]),
        (json!({ "role": "read", "mode": "LIVE" }), vec!["mode"]),
        (json!({ "role": "admin", "mode": "live" }), vec!["role"]),
        (json!({ "role": 1, "mode": ["live"] }), vec!["mode", "role"]),
        (
            json!({ "role": "read", "mode": "live", "secret": "mine" }),
            vec!["secret"],
        ),
        (json!({ "id": "x", "role": "" }), vec!["id", "mode", "role"]),
        (json!([]), vec!["body"]),
    ] {
        let reply = world.operate(Method::POST, &path, body.clone()).await;
        let told = (reply.status.as_u16(), keys(&reply));
        assert_eq!(told, (400, expected), "{body}: {}", reply.json);
    }
    let listed = world.operate(Method::GET, &path, json!(null)).await;
    assert_eq!(listed.json, json!({ "items": [], "pagination": {} }));
}

#[tokio::test]
async fn credentials_are_listed_in_pages_in_the_order_of_their_creation_without_secrets() {
    let (world, path) = set().await;
    let mut made = Vec::new();
    for mode in ["live", "test", "live", "test", "live"] {
        world.clock.advance(std::time::Duration::from_secs(1));
        let mut credential = give(&world, &path, mode, "read").await;
        credential
            .as_object_mut()
            .expect("an object")
            .remove("secret");
        made.push(credential);
    }
    let by_name = format!("{ACCOUNTS}/acme/credentials");
    for (path, limit) in [(&path, "?limit=1"), (&path, "?limit=2"), (&by_name, "?")] {
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let page = format!("{path}{limit}{after}");
            let page = world.operate(Method::GET, &page, json!(null)).await;
            assert_eq!(page.status, 200, "{}", page.json);
            listed.extend(page.json["items"].as_array().expect("items").clone());
            match page.json["pagination"]["after"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => break,
            }
        }
        assert_eq!(listed, made, "{path}{limit}");
    }
}

#[tokio::test]
async fn every_rule_of_the_list_names_its_parameter() {
    let (world, path) = set().await;
    let long = herald::page_cursor::encode(&"x".repeat(257));
    let other = herald::page_cursor::encode(&1);
    for (query, expected) in [
        ("limit=0", vec!["limit"]),
        ("limit=101&after=%00", vec!["after", "limit"]),
        ("mode=live", vec!["mode"]),
        ("after=", vec!["after"]),
        (&format!("after={long}"), vec!["after"]),
        (&format!("after={other}"), vec!["after"]),
    ] {
        let path = format!("{path}?{query}");
        let reply = world.operate(Method::GET, &path, json!(null)).await;
        let told = (reply.status.as_u16(), keys(&reply));
        assert_eq!(told, (400, expected), "{query:.60}: {}", reply.json);
    }
    for (id, status) in [
        ("", 400),
        ("\0", 400),
        ("\u{10ffff}", 400),
        ("!", 200),
        ("~", 200),
    ] {
        let cursor = herald::page_cursor::encode(&id);
        let path = format!("{path}?after={cursor}");
        let reply = world.operate(Method::GET, &path, json!(null)).await;
        assert_eq!(reply.status, status, "{id:?}: {}", reply.json);
    }
}

#[tokio::test]
async fn a_revoked_credential_opens_nothing_at_once() {
    let (world, path) = set().await;
    let made = give(&world, &path, "live", "read").await;
    let other = give(&world, &path, "live", "read").await;
    assert_eq!(ask(&world, &made, Method::GET, POLICIES).await.status, 200);
    let one = format!("{path}/{}", text(&made, "id"));
    for (status, body) in [(204, false), (404, true)] {
        let reply = world.operate(Method::DELETE, &one, json!(null)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.json.is_object()),
            (status, body)
        );
    }
    assert_eq!(ask(&world, &made, Method::GET, POLICIES).await.status, 401);
    assert_eq!(ask(&world, &other, Method::GET, POLICIES).await.status, 200);
    let listed = world.operate(Method::GET, &path, json!(null)).await;
    let items = listed.json["items"].as_array().expect("items");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["id"], other["id"]);
}

#[tokio::test]
async fn a_path_that_names_no_credential_of_the_account_leads_nowhere() {
    let (world, path) = set().await;
    let made = give(&world, &path, "live", "read").await;
    let id = text(&made, "id");
    let long = "x".repeat(10_000);
    let strangers = format!("{ACCOUNTS}/invoicetest/credentials/{id}");
    let missing = format!("{ACCOUNTS}/nobody/credentials/{id}");
    let own = [
        "nope",
        &long,
        &"x".repeat(257),
        "%ff",
        "%00",
        "%2F",
        "%C3%A9",
        "%23",
    ];
    let own = own.map(|name| format!("{path}/{name}"));
    for path in own.iter().chain([&strangers, &missing]) {
        let reply = world.operate(Method::DELETE, path, json!(null)).await;
        assert_eq!(reply.status, 404, "{path:.120}: {}", reply.json);
    }
    assert_eq!(ask(&world, &made, Method::GET, POLICIES).await.status, 200);
}
