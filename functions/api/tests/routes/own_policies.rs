//! Policies in Herald's own dialect: made, shown, repeated, and apart from Sequence's.

use crate::{POLICIES, keys};
use futures::future::join_all;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const OWN: &str = "/herald/v1/policies";

/// A body that makes a policy, with some fields replaced.
pub(crate) fn own_with(fields: &Value) -> Value {
    let mut body = json!({
        "name": "Ledger", "channel": "webhook",
        "recipients": ["https://hooks.example.com/ledger"],
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

pub(crate) async fn create_own(world: &World, fields: Value) -> Reply {
    world.call(Method::POST, OWN, own_with(&fields)).await
}

/// A new policy.
pub(crate) async fn own(world: &World, fields: Value) -> Value {
    let reply = create_own(world, fields).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    reply.json
}

pub(crate) fn path(policy: &Value) -> String {
    format!("{OWN}/{}", policy["id"].as_str().expect("an id"))
}

/// What is told of a refusal: each field with its rule.
pub(crate) fn told(reply: &Reply) -> Vec<String> {
    let errors = reply.json["errors"].as_array();
    let errors = errors.unwrap_or_else(|| panic!("no errors: {}", reply.json));
    let text = |error: &Value, name: &str| error[name].as_str().expect("a text").to_owned();
    let clause = |error| format!("{} {}", text(error, "field"), text(error, "detail"));
    errors.iter().map(clause).collect()
}

/// Everything that a policy may say.
pub(crate) fn everything() -> Value {
    json!({
        "name": "Ledger", "description": "What the ledger\n\thears", "channel": "webhook",
        "eventTypes": ["order.paid", "INVOICE_ISSUED"], "scope": "descendants",
        "retryPolicy": { "schedule": "until_acknowledged" }, "status": "inactive",
        "health": { "url": "https://hooks.example.com/health", "withhold": false },
        "deliveryMode": "ordered", "maxPerSecond": 100,
        "recipients": [
            "https://hooks.example.com/ledger",
            { "target": "https://hooks.example.com/later", "status": "suspended" },
        ],
        "timeoutSeconds": 5, "headers": { "X-Team": "billing", "authorization": "Bearer a b" },
        "contact": "ops@example.com", "metadata": { "team": "billing", "ünit": "" },
    })
}

async fn make_with_key(world: &World, key: &str, fields: &Value) -> Reply {
    let request = World::request(Method::POST, OWN).header("idempotency-key", key);
    let request = request.body(own_with(fields).to_string().into());
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_policy_shows_what_it_was_made_with() {
    let world = World::new().await;
    let reply = create_own(&world, everything()).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.headers["etag"], "\"1\"");
    let made = reply.json;
    let mut expected = everything();
    expected["recipients"] = json!([
        {
            "id": made["recipients"][0]["id"], "target": "https://hooks.example.com/ledger",
            "status": "active",
        },
        {
            "id": made["recipients"][1]["id"], "target": "https://hooks.example.com/later",
            "status": "suspended", "since": "2026-01-05T10:00:00Z", "reason": "by_hand",
        },
    ]);
    for (name, value) in [
        ("id", &made["id"]),
        ("dialect", &json!("herald")),
        ("createdAt", &json!("2026-01-05T10:00:00Z")),
        ("updatedAt", &json!("2026-01-05T10:00:00Z")),
        ("statusSince", &json!("2026-01-05T10:00:00Z")),
        ("version", &json!(1)),
    ] {
        expected[name] = value.clone();
    }
    assert_eq!(made, expected);
    let shown = world.call(Method::GET, &path(&made), json!(null)).await;
    assert_eq!(shown.json, made);
    assert_eq!(shown.headers["etag"], "\"1\"");
    assert_eq!(world.get(OWN).await["items"], json!([made]));
}

#[tokio::test]
async fn what_is_left_out_is_the_same_as_null() {
    let world = World::new().await;
    let optional = [
        "description",
        "eventTypes",
        "status",
        "health",
        "deliveryMode",
        "maxPerSecond",
        "timeoutSeconds",
        "headers",
        "contact",
        "metadata",
        "secret",
    ];
    let nulls: Value = optional.iter().map(|name| (*name, json!(null))).collect();
    for fields in [json!({}), nulls] {
        let made = own(&world, fields).await;
        for name in [
            "description",
            "eventTypes",
            "statusSince",
            "health",
            "maxPerSecond",
            "timeoutSeconds",
            "contact",
        ] {
            assert_eq!(made[name], Value::Null, "{name}");
        }
        assert_eq!(
            (&made["headers"], &made["metadata"]),
            (&json!({}), &json!({}))
        );
        let secret = world.get(&format!("{}/secret", path(&made))).await;
        assert!(
            secret["secret"]
                .as_str()
                .is_some_and(|secret| secret.starts_with("whsec_"))
        );
    }
}

#[tokio::test]
async fn a_type_that_is_named_twice_counts_once() {
    let world = World::new().await;
    let types = json!(["order.paid", "order.new", "order.paid"]);
    let refused = create_own(&world, json!({ "eventTypes": types })).await;
    assert_eq!(
        (refused.status.as_u16(), keys(&refused)),
        (400, vec!["eventTypes[1]"])
    );
    let types = json!(["order.paid", "INVOICE_ISSUED", "order.paid"]);
    let made = own(&world, json!({ "eventTypes": types })).await;
    assert_eq!(made["eventTypes"], json!(["order.paid", "INVOICE_ISSUED"]));
}

#[tokio::test]
async fn an_e_mail_policy_has_no_secret() {
    let world = World::new().await;
    let mail = json!({ "channel": "email", "recipients": ["a@example.com"] });
    let made = own(&world, mail).await;
    let path = path(&made);
    for (method, below) in [(Method::GET, "secret"), (Method::POST, "rotate-secret")] {
        let reply = world
            .call(method, &format!("{path}/{below}"), json!({}))
            .await;
        let detail = "the policy has no secret: it sends no webhooks";
        assert_eq!(
            (reply.status.as_u16(), &reply.json["detail"]),
            (404, &json!(detail))
        );
    }
    assert_eq!(world.get(&path).await, made);
}

#[tokio::test]
async fn an_idempotency_key_makes_one_policy() {
    let world = World::new().await;
    let full = everything();
    let replies = join_all((0..5).map(|_| make_with_key(&world, "k", &full))).await;
    for reply in &replies {
        assert_eq!(
            (reply.status.as_u16(), &reply.json),
            (201, &replies[0].json)
        );
    }
    let policy = &replies[0].json;
    let other = make_with_key(&world, "k", &json!({ "name": "Other" })).await;
    assert_eq!(other.status, 409, "{}", other.json);
    let renamed = world
        .call(Method::PATCH, &path(policy), json!({ "name": "Renamed" }))
        .await;
    let again = make_with_key(&world, "k", &everything()).await;
    assert_eq!(
        (again.status.as_u16(), &again.json),
        (201, &renamed.json),
        "as it is now"
    );
    assert_eq!(again.headers["etag"], "\"2\"");
    for key in ["", "two words", "ä", &"x".repeat(256)] {
        let reply = make_with_key(&world, key, &json!({})).await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, vec!["Idempotency-Key"]),
            "{key}"
        );
    }
    assert_eq!(
        world.get(OWN).await["items"].as_array().map(Vec::len),
        Some(1)
    );
    let deleted = world.call(Method::DELETE, &path(policy), json!(null)).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(make_with_key(&world, "k", &everything()).await.status, 409);
    world.settle().await;
}

#[tokio::test]
async fn an_idempotency_key_counts_for_a_day() {
    let world = World::new().await;
    let first = make_with_key(&world, "k", &json!({})).await.json;
    for (passes, is_same) in [(86_399, true), (1, false)] {
        world.clock.advance(Duration::from_secs(passes));
        let made = make_with_key(&world, "k", &json!({})).await;
        assert_eq!(made.status, 201, "{}", made.json);
        assert_eq!(made.json["id"] == first["id"], is_same);
    }
}

#[tokio::test]
async fn sequences_routes_do_not_know_it() {
    let world = World::new().await;
    let made = own(&world, json!({ "eventTypes": ["INVOICE_ISSUED"] })).await;
    let path_there = format!("{POLICIES}/{}", made["id"].as_str().expect("an id"));
    for (method, below) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::POST, "/recipients"),
        (
            Method::DELETE,
            "/recipients/https%3A%2F%2Fhooks.example.com%2Fledger",
        ),
        (Method::POST, "/notification-types"),
        (Method::DELETE, "/notification-types/INVOICE_ISSUED"),
        (Method::DELETE, "/notification-types/%ff"),
    ] {
        let there = format!("{path_there}{below}");
        let reply = world.call(method.clone(), &there, json!({})).await;
        assert_eq!(reply.status, 404, "{method} {below}: {}", reply.json);
    }
    let listed = world.get(POLICIES).await;
    assert_eq!(
        (&listed["items"], &listed["pagination"]["totalResultSize"]),
        (&json!([]), &json!(0))
    );
    assert_eq!(world.get(&path(&made)).await, made);
    assert_eq!(
        world.get(&format!("{OWN}?dialect=herald")).await["items"],
        json!([made])
    );
    assert_eq!(
        world.get(&format!("{OWN}?dialect=sequence")).await["items"],
        json!([])
    );
}
