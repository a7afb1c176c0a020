//! `POST /v1/webhooks`: made as Lune documents it, and refused by its rules.

use crate::accounts::made;
use herald::destination::DestinationRules;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const WEBHOOKS: &str = "/v1/webhooks";

/// A URL that Lune's expression matches.
pub(crate) const URL: &str = "https://hooks.example.com/lune?team=1";

pub(crate) async fn create(world: &World, body: Value) -> Reply {
    world.call(Method::POST, WEBHOOKS, body).await
}

/// A new webhook, as it was answered.
pub(crate) async fn webhook(world: &World, body: Value) -> Value {
    let reply = create(world, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

pub(crate) fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

/// The code and the message of a refusal, which stands there twice and alone.
pub(crate) fn told(reply: &Reply) -> (u16, &str, &str) {
    let error = &reply.json["error"];
    assert_eq!(reply.json, json!({ "errors": [error], "error": error }));
    let text = |name: &str| error[name].as_str().expect("a text");
    (reply.status.as_u16(), text("error_code"), text("message"))
}

/// A second later every credential has its requests anew.
pub(crate) fn second(world: &World) {
    world.clock.advance(Duration::from_secs(1));
}

/// Makes accounts below the first one; returns their ids.
pub(crate) async fn below<const N: usize>(world: &World, names: [&str; N]) -> [Value; N] {
    let mut ids = [const { Value::Null }; N];
    for (id, name) in ids.iter_mut().zip(names) {
        let parent = world.tenant.account;
        let body = json!({ "name": name, "externalId": name, "parentId": parent });
        *id = made(world, body).await["id"].take();
    }
    ids
}

#[tokio::test]
async fn a_webhook_is_answered_as_lune_documents_it() {
    let world = World::new().await;
    let reply = create(&world, json!({ "url": URL })).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(reply.headers["lune-version"], "2024-08-08");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let (id, secret) = (&reply.json["id"], &reply.json["secret"]);
    assert_eq!(secret.as_str().map(str::len), Some(38), "{secret}");
    let expected = json!({
        "id": id, "url": URL, "enabled": true, "account_type": "live", "account_ids": [],
        "created_at": "2026-01-05T10:00:00Z", "secret": secret,
    });
    assert_eq!(reply.json, expected);
    assert_eq!(id.as_str().map(str::len), Some(36));
}

#[tokio::test]
async fn accounts_are_named_by_either_id_and_shown_by_theirs() {
    let world = World::new().await;
    let [left, right] = below(&world, ["left", "right"]).await;
    let own = json!(world.tenant.account);
    let mut both = [&left, &right];
    both.sort_by_key(|id| id.as_str());
    for (names, expected) in [
        (json!(["left"]), json!([left])),
        (json!([left, "left"]), json!([left])),
        (json!([left, "right"]), json!(both)),
        (json!(["right", left]), json!(both)),
        (json!([own]), json!([own])),
    ] {
        let body = json!({ "url": URL, "account_ids": names });
        let made = webhook(&world, body).await;
        assert_eq!(made["account_ids"], expected, "{names}");
    }
}

#[tokio::test]
async fn fields_follow_their_rules_and_every_error_is_told() {
    let world = World::new().await;
    let many = vec!["a"; 101];
    for (body, code, message) in [
        (json!({}), "validation_error", "url is required"),
        (
            json!({ "url": null }),
            "validation_error",
            "url is required",
        ),
        (
            json!({ "url": 7 }),
            "validation_error",
            "url must be a string",
        ),
        (
            json!({ "url": "http://example.com/" }),
            "validation_error",
            "url must be an https URL",
        ),
        (
            json!({ "url": URL, "account_ids": [] }),
            "validation_error",
            "account_ids must name 1 to 100 accounts",
        ),
        (
            json!({ "url": URL, "account_ids": many }),
            "validation_error",
            "account_ids must name 1 to 100 accounts",
        ),
        (
            json!({ "url": URL, "account_ids": "a" }),
            "validation_error",
            "account_ids must be an array of strings",
        ),
        (
            json!({ "url": URL, "account_ids": ["nobody"] }),
            "id_invalid",
            "account_ids[0] must name the caller's account or one below it",
        ),
        (
            json!({ "account_ids": ["nobody"] }),
            "validation_error",
            "url is required; account_ids[0] must name the caller's account or one below it",
        ),
        (json!([]), "validation_error", "body must be a JSON object"),
    ] {
        let reply = create(&world, body.clone()).await;
        assert_eq!(told(&reply), (400, code, message), "{body}");
    }
    second(&world);
    assert_eq!(world.get(WEBHOOKS).await, json!([]), "nothing is stored");
}

#[tokio::test]
async fn a_url_must_match_lunes_expression() {
    let world = World::new().await;
    for url in [
        "https://hooks.example.COM/",
        "https://hooks.example.technology/",
        "https://8.8.8.8/hook",
        "https://hooks.example.com/a(b)",
        "https://hooks.example.com/ü",
    ] {
        let reply = create(&world, json!({ "url": url })).await;
        let (status, code, message) = told(&reply);
        assert_eq!((status, code), (400, "validation_error"), "{url}");
        assert!(message.starts_with("url must have a host"), "{message}");
    }
    let odd = "https://hooks.example.com:8443/a?b=%20#c";
    let made = webhook(&world, json!({ "url": odd })).await;
    assert_eq!(made["url"], odd, "echoed as it was sent");
}

#[tokio::test]
async fn a_url_that_matches_must_lead_somewhere_public_all_the_same() {
    let world = World::with_rules(DestinationRules::strict()).await;
    for url in [
        "https://xx.com@127.0.0.1/",
        "https://127.0.0.1#.aa",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://example.com:80/",
    ] {
        let reply = create(&world, json!({ "url": url })).await;
        let (status, code, _) = told(&reply);
        assert_eq!((status, code), (400, "validation_error"), "{url}");
    }
}

#[tokio::test]
async fn a_url_that_the_operator_admits_needs_not_match() {
    let body = json!({ "url": "http://127.0.0.1:9/hook" });
    let world = World::new().await;
    assert_eq!(create(&world, body.clone()).await.status, 200);
    let world = World::with_rules(DestinationRules::strict()).await;
    assert_eq!(create(&world, body).await.status, 400);
}

#[tokio::test]
async fn an_idempotency_key_makes_one_webhook() {
    let world = World::new().await;
    let send = async |key: &str, body: &Value| {
        let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", key);
        let request = request.body(body.to_string().into());
        world.send(request.expect("a request")).await
    };
    let body = json!({ "url": URL });
    let first = send("k", &body).await;
    let second = send("k", &body).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    assert_eq!(first.json, second.json);
    let other = send("k", &json!({ "url": "https://example.com/other" })).await;
    assert_eq!(told(&other).0, 409);
    let odd = send("a b", &body).await;
    assert_eq!(told(&odd).1, "validation_error");
    let both = json!({
        "url": URL, "name": "Both", "channel": "WEBHOOK", "recipients": [URL],
    });
    let request = World::request(Method::POST, crate::POLICIES).header("idempotency-key", "both");
    let request = request.body(both.to_string().into());
    let sequence = world.send(request.expect("a request")).await;
    assert_eq!(sequence.status, 201);
    let lune = send("both", &both).await;
    assert_eq!(told(&lune).0, 409, "another dialect's policy is no webhook");
    let listed = world.get(WEBHOOKS).await;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_account_has_a_hundred_webhooks_in_a_mode() {
    let world = World::new().await;
    let send = async |key: String| {
        second(&world);
        let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", key);
        let request = request.body(json!({ "url": URL }).to_string().into());
        world.send(request.expect("a request")).await
    };
    for number in 0..100 {
        assert_eq!(send(number.to_string()).await.status, 200, "{number}");
    }
    let reply = send("one-more".to_owned()).await;
    let message = "an account has at most 100 webhooks in a mode";
    assert_eq!(told(&reply), (400, "webhook_limit_reached", message));
    let repeated = send("7".to_owned()).await;
    assert_eq!(repeated.status, 200, "{}", repeated.json);
    let listed = world.get(WEBHOOKS).await;
    let listed = listed.as_array().expect("a bare array");
    assert_eq!(listed.len(), 100, "none is left out");
    second(&world);
    let one = path(&listed[0]);
    let deleted = world.call(Method::DELETE, &one, json!(null));
    assert_eq!(deleted.await.status, 204);
    assert_eq!(send("in-its-place".to_owned()).await.status, 200);
    world.may_leave_messages();
}
