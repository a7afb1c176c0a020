//! `POST /api/v3/iam/auth/api/login`: a key for a token, which is good for a quarter of an hour and no
//! longer than its credential.

use crate::{
    POLICIES,
    pulse_creation::{WEBHOOKS, attributes, document, refused},
    roles::{give, with},
};
use herald::credential::Role;
use herald_local::world::{Reply, World};
use http::{Method, Request, header};
use serde_json::{Value, json};
use std::time::Duration;

const LOGIN: &str = "/api/v3/iam/auth/api/login";

async fn log_in(world: &World, body: &str) -> Reply {
    let request = Request::post(LOGIN).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(body.to_owned().into());
    world.send(request.expect("a request")).await
}

/// A token for a key.
pub(crate) async fn token(world: &World, key: &str) -> String {
    let reply = log_in(world, &json!({ "key": key }).to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    let token = reply.json["meta"]["token"].as_str().expect("a token");
    assert_eq!(reply.json, json!({ "meta": { "token": token } }));
    token.to_owned()
}

async fn listed(world: &World, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let reply = with(world, &bearer, Method::GET, WEBHOOKS, json!(null)).await;
    reply.status.as_u16()
}

#[tokio::test]
async fn a_token_opens_what_its_credential_opens() {
    let world = World::new().await;
    give(&world, Role::Read, "r").await;
    let manager = format!("Bearer {}", token(&world, "s").await);
    let reader = format!("Bearer {}", token(&world, "r").await);
    let body = document(&attributes(&json!({})));
    let made = with(&world, &manager, Method::POST, WEBHOOKS, body.clone()).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        with(&world, &reader, Method::POST, WEBHOOKS, body)
            .await
            .status,
        403
    );
    let shown = with(&world, &reader, Method::GET, WEBHOOKS, json!(null)).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.json["data"][0]["attributes"].get("secret"), None);
    let elsewhere = with(&world, &manager, Method::GET, POLICIES, json!(null)).await;
    assert_eq!(elsewhere.status, 401, "it is Pulse's alone");
}

#[tokio::test]
async fn a_token_is_good_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let token = token(&world, "s").await;
    world.clock.advance(Duration::from_millis(15 * 60_000 - 1));
    assert_eq!(listed(&world, &token).await, 200);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(listed(&world, &token).await, 401);
}

#[tokio::test]
async fn a_token_stops_with_its_credential_and_another_of_its_name_does_not_revive_it() {
    let world = World::new().await;
    give(&world, Role::Manage, "m").await;
    let token = token(&world, "m").await;
    let accounts = &world.service.parts.accounts;
    let id = "id-m".parse().expect("an id");
    let revoked = accounts.revoke_credential(world.tenant.account, &id).await;
    assert!(revoked.expect("an answer"));
    assert_eq!(listed(&world, &token).await, 401);
    world.clock.advance(Duration::from_secs(1));
    give(&world, Role::Manage, "m").await;
    assert_eq!(listed(&world, &token).await, 401);
}

#[tokio::test]
async fn nobody_makes_a_token() {
    let world = World::new().await;
    let token = token(&world, "s").await;
    let (said, signature) = token.rsplit_once('.').expect("a signature");
    let other = self::token(&world, "s").await;
    assert_eq!(other, token, "at the same moment it is the same");
    let flipped = signature.chars().rev().collect::<String>();
    for forged in [
        said.to_owned(),
        format!("{said}."),
        format!("{said}.{flipped}"),
        format!("hl1.AAAA.{signature}"),
        format!("{said}x.{signature}"),
        "hl1.".to_owned(),
        "hl1..".to_owned(),
        format!("hl1.{}", "x".repeat(9_000)),
    ] {
        assert_eq!(listed(&world, &forged).await, 401, "{forged:.60}");
    }
}

#[tokio::test]
async fn a_key_that_opens_nothing_is_unauthorized() {
    let world = World::new().await;
    for key in [
        "nope",
        "",
        "t:s",
        "operator-secret",
        &token(&world, "s").await,
    ] {
        let reply = log_in(&world, &json!({ "key": key }).to_string()).await;
        let error = json!({
            "status": "401", "title": "Verse::Error::Authorization", "detail": "the key is not known",
        });
        assert_eq!(reply.json, json!({ "errors": [error] }), "{key}");
        assert_eq!(reply.status, 401);
        assert!(reply.headers.contains_key(header::WWW_AUTHENTICATE));
        assert_eq!(
            reply.headers[header::CONTENT_TYPE],
            "application/vnd.api+json"
        );
    }
}

#[tokio::test]
async fn a_login_that_holds_no_key_is_told_why() {
    let world = World::new().await;
    for (body, pointer) in [("{}", "/key"), (r#"{"key":1}"#, "/key"), ("[]", "")] {
        let reply = log_in(&world, body).await;
        assert_eq!(refused(&reply), [pointer], "{body}");
    }
    for body in ["", "{", "key=s"] {
        let reply = log_in(&world, body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(reply.json["errors"][0]["title"], "Verse::Error::BadRequest");
    }
    let request = Request::post(LOGIN).header(header::CONTENT_TYPE, "text/plain");
    let request = request.body(Value::Null.to_string().into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["errors"][0]["status"]),
        (415, &json!("415"))
    );
    let reply = world.call(Method::GET, LOGIN, json!(null)).await;
    assert_eq!(reply.status, 405);
}
