//! A policy's secret is rotated: for a while webhooks carry the signatures of both, so that
//! receivers can be given the new one in their own time.

use crate::{
    own_policies::{OWN, own, path, told},
    own_policy_changes::change_if,
};
use data_encoding::BASE64;
use futures::future::join_all;
use herald::{
    dialect::{Dialect, Signer},
    secret::Secret,
    signature::{hmac_sha256, standard_key},
};
use herald_local::world::{
    Reply, World,
    receiver::{Answer, Receiver, Request},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

async fn rotate(world: &World, policy: &Value, body: &str) -> Reply {
    let path = format!("{}/rotate-secret", path(policy));
    let request = World::request(Method::POST, &path).body(body.to_owned().into());
    world.send(request.expect("a request")).await
}

/// Rotates, and returns the new secret.
async fn rotated(world: &World, policy: &Value, body: Value) -> Secret {
    let reply = rotate(world, policy, &body.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    Secret::new(reply.json["secret"].as_str().expect("a secret").to_owned())
}

async fn secret(world: &World, policy: &Value) -> Secret {
    let shown = world.get(&format!("{}/secret", path(policy))).await;
    Secret::new(shown["secret"].as_str().expect("a secret").to_owned())
}

/// Reports an event and returns what arrived of it.
async fn arrival(world: &World, receiver: &Receiver, event: &str) -> Request {
    world.report(event).await;
    world.settle().await;
    receiver.received().pop().expect("a webhook")
}

/// What `webhook-signature` holds where these secrets signed, in this order.
fn signatures(request: &Request, secrets: &[&Secret]) -> String {
    let (id, at) = (
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
    );
    let signature = |secret: &&Secret| {
        let parts = [id, ".", at, ".", &request.body];
        format!(
            "v1,{}",
            BASE64.encode(&hmac_sha256(&standard_key(secret), &parts))
        )
    };
    secrets.iter().map(signature).collect::<Vec<_>>().join(" ")
}

fn assert_signed(request: &Request, secrets: &[&Secret]) {
    assert_eq!(
        request.header("webhook-signature"),
        signatures(request, secrets)
    );
}

#[tokio::test]
async fn both_secrets_count_until_the_time_of_the_old_one_is_over() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
    let old = secret(&world, &policy).await;
    let reply = rotate(&world, &policy, "").await;
    let new = secret(&world, &policy).await;
    let expected = json!({ "secret": new.expose(), "previousUntil": "2026-01-06T10:00:00Z" });
    assert_eq!((reply.status.as_u16(), reply.json), (200, expected));
    assert!(new != old && new.expose().starts_with("whsec_"));
    assert_signed(&arrival(&world, &receiver, "a").await, &[&new, &old]);
    world.clock.advance(24 * HOUR - Duration::from_millis(1));
    assert_signed(&arrival(&world, &receiver, "b").await, &[&new, &old]);
    world.clock.advance(Duration::from_millis(1));
    assert_signed(&arrival(&world, &receiver, "c").await, &[&new]);
}

#[tokio::test]
async fn without_an_overlap_the_new_secret_counts_alone_and_at_once() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
    rotated(&world, &policy, json!({ "overlapSeconds": 604_800 })).await;
    let chosen = "x".repeat(24);
    let body = json!({ "secret": chosen, "overlapSeconds": 0 });
    let reply = rotate(&world, &policy, &body.to_string()).await;
    let expected = json!({ "secret": chosen, "previousUntil": "2026-01-05T10:00:00Z" });
    assert_eq!((reply.status.as_u16(), reply.json), (200, expected));
    assert_signed(
        &arrival(&world, &receiver, "a").await,
        &[&Secret::new(chosen)],
    );
}

#[tokio::test]
async fn a_webhook_that_is_tried_again_is_signed_with_what_counts_then() {
    let world = World::new().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
    let old = secret(&world, &policy).await;
    assert_signed(&arrival(&world, &receiver, "a").await, &[&old]);
    let new = rotated(&world, &policy, json!({ "overlapSeconds": 3_600 })).await;
    world.turn(Duration::from_secs(60)).await;
    let request = receiver.received().pop().expect("a webhook");
    assert_eq!(receiver.received().len(), 2);
    assert_signed(&request, &[&new, &old]);
}

#[tokio::test]
async fn sequences_own_signature_is_made_with_the_newest() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = world.policy(&[receiver.url("/hook")]).await;
    let old = secret(&world, &policy).await;
    let new = rotated(&world, &policy, json!({})).await;
    let request = arrival(&world, &receiver, "a").await;
    assert_signed(&request, &[&new, &old]);
    let at = world.service.parts.clock.now();
    let signer = Signer {
        secrets: &[new.clone(), old],
        organisation: world.tenant.account,
        key: None,
    };
    let own = Dialect::Sequence.signature(&signer, &request.body, at);
    let own = own.expect("a signature");
    assert_eq!(request.header(own.name), own.value);
    let there = format!(
        "/api/notifications/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    assert_eq!(world.get(&there).await["webhookSecret"], new.expose());
}

#[tokio::test]
async fn what_is_asked_of_a_rotation_follows_its_rules() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let before = secret(&world, &policy).await;
    let seconds = "overlapSeconds must be a whole number from 0 to 604800";
    let text = "secret must be 24 to 75 visible ASCII characters";
    for (body, expected) in [
        (json!({ "overlapSeconds": -1 }), vec![seconds]),
        (json!({ "overlapSeconds": 604_801 }), vec![seconds]),
        (json!({ "overlapSeconds": 1.5 }), vec![seconds]),
        (json!({ "overlapSeconds": "1" }), vec![seconds]),
        (json!({ "overlapSeconds": 1e30 }), vec![seconds]),
        (json!({ "secret": "short" }), vec![text]),
        (json!({ "secret": "x\r\n".repeat(10) }), vec![text]),
        (
            json!({ "secret": 7, "overlapSeconds": [], "x": 1 }),
            vec!["x is not a known field", "secret must be a string", seconds],
        ),
        (json!([]), vec!["body must be a JSON object"]),
    ] {
        let reply = rotate(&world, &policy, &body.to_string()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(told(&reply), expected, "{body}");
    }
    assert!(secret(&world, &policy).await == before);
    assert_eq!(world.get(&path(&policy)).await, policy);
    for body in ["", "{}", r#"{"secret":null,"overlapSeconds":null}"#] {
        assert_eq!(rotate(&world, &policy, body).await.status, 200, "{body}");
    }
    let nobody = world
        .call(
            Method::POST,
            &format!("{OWN}/nope/rotate-secret"),
            json!({}),
        )
        .await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn a_rotation_makes_a_version() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    world.clock.advance(HOUR);
    rotated(&world, &policy, json!({})).await;
    let shown = world.get(&path(&policy)).await;
    assert_eq!(
        (&shown["version"], &shown["updatedAt"]),
        (&json!(2), &json!("2026-01-05T11:00:00Z"))
    );
    let stale = change_if(&world, &policy, &["\"1\""], json!({ "name": "Lost" })).await;
    assert_eq!(stale.status, 412);
}

#[tokio::test]
async fn of_rotations_at_the_same_moment_none_is_lost() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
    let old = secret(&world, &policy).await;
    let secrets = join_all((0..3).map(|_| rotated(&world, &policy, json!({})))).await;
    let request = arrival(&world, &receiver, "a").await;
    let held = request.header("webhook-signature");
    assert_eq!(held.split(' ').count(), 4);
    for secret in secrets.iter().chain([&old]) {
        let signature = signatures(&request, &[secret]);
        assert!(held.split(' ').any(|held| held == signature));
    }
    let newest = secret(&world, &policy).await;
    assert!(
        secrets.contains(&newest),
        "the one that is shown was told somebody"
    );
    assert!(held.starts_with(&signatures(&request, &[&newest])));
}
