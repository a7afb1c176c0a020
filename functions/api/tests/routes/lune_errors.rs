//! What Lune's clients are told, in Lune's shape, and under which version.

use crate::{
    lune_creation::{URL, WEBHOOKS, create, path, second, told, webhook},
    roles::{give, with},
};
use herald::credential::Role;
use herald_local::world::{Reply, World};
use http::{Method, header};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Asserts that an answer has no schema: a line of text, and the version.
fn assert_plain(reply: &Reply, status: u16) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.json);
    assert_eq!(reply.json, Value::Null);
    let kind = &reply.headers[header::CONTENT_TYPE];
    assert!(
        kind.to_str()
            .is_ok_and(|kind| kind.starts_with("text/plain"))
    );
    assert_eq!(reply.headers["lune-version"], "2024-08-08");
}

async fn versioned(world: &World, version: &str, path: &str) -> Reply {
    let request = World::request(Method::GET, path).header("lune-version", version);
    world
        .send(request.body("".into()).expect("a request"))
        .await
}

async fn typed(world: &World, method: Method, path: &str, kind: Option<&str>, body: &str) -> Reply {
    let request = World::request(method, path).body(body.to_owned().into());
    let mut request = request.expect("a request");
    let headers = request.headers_mut();
    match kind {
        Some(kind) => headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value")),
        None => headers.remove(header::CONTENT_TYPE),
    };
    world.send(request).await
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let world = World::new().await;
    let mut names = HashSet::new();
    for (version, path, status) in [
        ("2024-08-08", WEBHOOKS, 200),
        ("2024-08-08", "/v1/webhooks/nope", 404),
        ("2024-08-08", "/v1/webhooks/", 404),
        ("2023-01-01", WEBHOOKS, 400),
    ] {
        let reply = versioned(&world, version, path).await;
        assert_eq!(reply.status, status, "{path}");
        let name = reply.headers["cf-ray"].to_str().expect("a text").to_owned();
        assert!(names.insert(name), "{path}: a name of its own");
    }
}

#[tokio::test]
async fn the_version_is_told_with_every_answer_and_another_is_refused() {
    let world = World::new().await;
    for (path, status) in [
        (WEBHOOKS, 200),
        ("/v1/webhooks/", 404),
        ("/v1/webhooks/nope", 404),
        ("/v1/webhooks/a/b/c", 404),
    ] {
        let reply = versioned(&world, "2024-08-08", path).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.headers["lune-version"], "2024-08-08", "{path}");
        let reply = versioned(&world, "2023-01-01", path).await;
        let message = "2023-01-01 is not a version of this API; 2024-08-08 is";
        assert_eq!(told(&reply), (400, "api_version_invalid", message));
        assert_eq!(reply.headers["lune-version"], "2024-08-08", "{path}");
    }
}

#[tokio::test]
async fn who_is_not_known_is_unauthorised() {
    let world = World::new().await;
    let one = format!("{WEBHOOKS}/019b8d99-6900-7000-8000-000000000001");
    for (method, path) in [
        (Method::GET, WEBHOOKS.to_owned()),
        (Method::POST, WEBHOOKS.to_owned()),
        (Method::GET, one.clone()),
        (Method::PUT, one.clone()),
        (Method::DELETE, one.clone()),
        (Method::PUT, format!("{one}/rotate-secret")),
    ] {
        let reply = with(&world, "Bearer nope", method.clone(), &path, json!({})).await;
        let (status, code, _) = told(&reply);
        assert_eq!((status, code), (401, "unauthorised"), "{method} {path}");
        assert_eq!(reply.headers["lune-version"], "2024-08-08");
        let schemes = &reply.headers[header::WWW_AUTHENTICATE];
        assert!(schemes.to_str().is_ok_and(|it| it.contains("Bearer")));
        let reply = world.call(method, &path, json!({ "url": URL })).await;
        assert_ne!(reply.status, 401, "{path}");
    }
}

#[tokio::test]
async fn what_has_no_schema_is_a_line_of_text() {
    let world = World::new().await;
    give(&world, Role::Read, "r").await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let one = path(&made);
    let call = async |method, path: &str| world.call(method, path, json!({ "url": URL })).await;
    for id in [
        "nope",
        "%ff",
        "019b8d99-6900-7000-8000-000000000001",
        "..",
        "é",
    ] {
        let path = format!("{WEBHOOKS}/{}", id.replace('é', "%C3%A9"));
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            assert_plain(&call(method, &path).await, 404);
        }
        let path = format!("{path}/rotate-secret");
        assert_plain(&call(Method::PUT, &path).await, 404);
        second(&world);
    }
    assert_plain(&call(Method::GET, "/v1/webhooks/").await, 404);
    for (method, path) in [
        (Method::PATCH, one.clone()),
        (Method::DELETE, WEBHOOKS.to_owned()),
        (Method::POST, format!("{one}/rotate-secret")),
    ] {
        let reply = call(method, &path).await;
        assert_plain(&reply, 405);
        assert!(reply.headers.contains_key(header::ALLOW), "{path}");
    }
    let reply = with(&world, "Bearer r", Method::DELETE, &one, json!(null)).await;
    assert_plain(&reply, 403);
}

#[tokio::test]
async fn a_body_has_a_hundred_kilobytes_at_most() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let of_length = |length: usize| {
        let body = json!({ "url": URL, "more": "" }).to_string();
        let more = "x".repeat(length - body.len());
        json!({ "url": URL, "more": more }).to_string()
    };
    let json = Some("application/json");
    for (method, path) in [(Method::POST, WEBHOOKS), (Method::PUT, &path(&made))] {
        let large = typed(&world, method.clone(), path, json, &of_length(100_001)).await;
        assert_plain(&large, 413);
        let fits = typed(&world, method, path, json, &of_length(100_000)).await;
        assert_eq!(fits.status, 200, "{}", fits.json);
    }
    world.may_leave_messages();
}

#[tokio::test]
async fn a_body_that_says_it_is_no_json_is_not_read() {
    let world = World::new().await;
    let made = webhook(&world, json!({ "url": URL })).await;
    let body = json!({ "url": URL }).to_string();
    for (method, path) in [(Method::POST, WEBHOOKS), (Method::PUT, &path(&made))] {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "é"] {
            let reply = typed(&world, method.clone(), path, Some(kind), &body).await;
            assert_plain(&reply, 415);
        }
        for kind in [None, Some("application/json; charset=utf-8")] {
            let reply = typed(&world, method.clone(), path, kind, &body).await;
            assert_eq!(reply.status, 200, "{kind:?}");
        }
    }
    let rotate = format!("{}/rotate-secret", path(&made));
    let reply = typed(&world, Method::PUT, &rotate, Some("text/plain"), "x").await;
    assert_eq!(reply.status, 200, "nothing is read there");
    world.may_leave_messages();
}

#[tokio::test]
async fn a_credential_makes_fifteen_requests_in_a_second() {
    let world = World::new().await;
    give(&world, Role::Read, "r").await;
    let ask = async |authorization: &str| {
        with(&world, authorization, Method::GET, WEBHOOKS, json!(null)).await
    };
    for _ in 0..15 {
        assert_eq!(ask("Bearer s").await.status, 200);
    }
    for authorization in ["Bearer s", "Basic dDpz"] {
        let reply = ask(authorization).await;
        assert_plain(&reply, 429);
        assert_eq!(reply.headers[header::RETRY_AFTER], "1");
    }
    assert_eq!(
        ask("Bearer r").await.status,
        200,
        "another one's are its own"
    );
    assert_eq!(ask("Bearer nope").await.status, 401);
    let elsewhere = world.call(Method::GET, "/herald/v1/policies", json!(null));
    assert_eq!(
        elsewhere.await.status,
        200,
        "Herald's own routes count none"
    );
    second(&world);
    assert_eq!(ask("Bearer s").await.status, 200);
}

#[tokio::test]
async fn a_failure_of_ours_is_a_500_without_detail() {
    let world = World::new().await;
    world.wire.cut_after(0);
    let reply = create(&world, json!({ "url": URL })).await;
    assert!(world.wire.mend());
    assert_plain(&reply, 500);
}
