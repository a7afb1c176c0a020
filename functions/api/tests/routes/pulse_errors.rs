//! What no honest client sends to Pulse's routes: it is refused in the shape of JSON:API, and changes
//! nothing.

use crate::pulse_creation::{WEBHOOKS, attributes, document, path, refused, webhook};
use herald_local::world::{Reply, World};
use http::{Method, header};
use serde_json::json;

async fn typed(
    world: &World,
    (method, path): (Method, &str),
    kind: Option<&str>,
    body: impl Into<Vec<u8>>,
) -> Reply {
    let request = World::request(method, path).body(body.into().into());
    let mut request = request.expect("a request");
    let headers = request.headers_mut();
    match kind {
        Some(kind) => headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value")),
        None => headers.remove(header::CONTENT_TYPE),
    };
    world.send(request).await
}

/// Asserts that an answer is one error, with a status that is a text.
fn assert_told(reply: &Reply, status: u16, title: &str) {
    assert_eq!(reply.status, status, "{}", reply.json);
    assert_eq!(
        reply.headers[header::CONTENT_TYPE],
        "application/vnd.api+json"
    );
    let errors = reply.json["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{}", reply.json);
    assert_eq!(errors[0]["status"], status.to_string());
    assert_eq!(errors[0]["title"], title);
    assert!(errors[0]["detail"].is_string());
}

#[tokio::test]
async fn a_body_may_be_of_either_media_type_and_of_no_other() {
    let world = World::new().await;
    let body = document(&attributes(&json!({}))).to_string();
    let to = || (Method::POST, WEBHOOKS);
    for kind in [
        Some("application/vnd.api+json"),
        Some("application/json"),
        Some("Application/JSON; charset=utf-8"),
        None,
    ] {
        let reply = typed(&world, to(), kind, body.as_str()).await;
        assert_eq!(reply.status, 201, "{kind:?}: {}", reply.json);
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "json",
        "é",
    ] {
        let reply = typed(&world, to(), Some(kind), body.as_str()).await;
        assert_told(&reply, 415, "Unsupported Media Type");
    }
    assert_eq!(
        world.get(WEBHOOKS).await["data"].as_array().map(Vec::len),
        Some(4)
    );
}

#[tokio::test]
async fn a_body_that_is_no_document_is_refused() {
    let world = World::new().await;
    let made = webhook(&world, json!({})).await;
    let one = path(&made);
    let nested = format!(r#"{{"data":{}"#, "[".repeat(50_000));
    for (method, path) in [(Method::POST, WEBHOOKS), (Method::PATCH, &one)] {
        for body in ["", "{", "nope", "\u{feff}{}", "{\"data\":}", &nested] {
            let reply = typed(&world, (method.clone(), path), None, body).await;
            assert_told(&reply, 400, "Verse::Error::BadRequest");
        }
        let no_text = b"{\"data\":\"\xff\"}";
        let reply = typed(&world, (method.clone(), path), None, no_text).await;
        assert_told(&reply, 400, "Verse::Error::BadRequest");
        for (body, pointers) in [
            ("[]", &[""][..]),
            ("null", &[""]),
            ("7", &[""]),
            ("{}", &["/data"]),
            (r#"{"data":null}"#, &["/data"]),
            (r#"{"data":[]}"#, &["/data"]),
            (r#"{"data":"x"}"#, &["/data"]),
            (r#"{"data":{}}"#, &["/data/type", "/data/attributes"]),
            (
                r#"{"data":{"type":"webhooks","attributes":7}}"#,
                &["/data/type", "/data/attributes"],
            ),
            (
                r#"{"data":{"type":["notification/webhooks"],"attributes":{"name":1}}}"#,
                &["/data/type", "/data/attributes/name"],
            ),
            (
                r#"{"data":{"type":"notification/webhooks","attributes":{"name":[],"url":{},"events":{"0":"a"},"secret":[]}}}"#,
                &[
                    "/data/attributes/url",
                    "/data/attributes/secret",
                    "/data/attributes/name",
                    "/data/attributes/events",
                ],
            ),
            (
                r#"{"data":{"type":"notification/webhooks","attributes":{"url":"https://example.com/\u0000","name":"\u0000","events":["\u0000"]}}}"#,
                &[
                    "/data/attributes/name",
                    "/data/attributes/url",
                    "/data/attributes/events/0",
                ],
            ),
        ] {
            let reply = typed(&world, (method.clone(), path), None, body).await;
            let told = refused(&reply);
            for pointer in pointers {
                assert!(told.contains(pointer), "{method} {body}: {told:?}");
            }
        }
        let large = "x".repeat(1024 * 1024 + 1);
        let reply = typed(&world, (method, path), None, large).await;
        assert_told(&reply, 413, "Payload Too Large");
    }
    assert_eq!(world.get(WEBHOOKS).await, json!({ "data": [made] }));
}

#[tokio::test]
async fn a_path_that_names_no_webhook_leads_to_none() {
    let world = World::new().await;
    let made = webhook(&world, json!({})).await;
    for id in [
        "0",
        "2",
        "-1",
        "+1",
        "01",
        "1.0",
        "1e0",
        "one",
        "%31%00",
        "1%20",
        "%ff",
        "null",
        "{id}",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "test",
        "01a00000-0000-7000-8000-000000000000",
    ] {
        let id = id.replace('{', "%7B").replace('}', "%7D");
        let one = format!("{WEBHOOKS}/{id}");
        for (method, path) in [
            (Method::GET, one.clone()),
            (Method::PATCH, one.clone()),
            (Method::DELETE, one.clone()),
            (Method::POST, format!("{WEBHOOKS}/test/{id}")),
        ] {
            let body = document(&json!({ "name": "Other" }));
            let reply = world.call(method, &path, body).await;
            assert_told(&reply, 404, "Verse::Error::RecordNotFound");
        }
    }
    assert_eq!(world.get(WEBHOOKS).await, json!({ "data": [made] }));
}

#[tokio::test]
async fn a_path_or_a_method_that_is_not_there_is_told() {
    let world = World::new().await;
    webhook(&world, json!({})).await;
    for path in [
        "",
        "/",
        "/notification",
        "/notification/webhooks/",
        "/notification/webhooks/1/",
        "/notification/webhooks/1/x",
        "/notification/webhooks/test/1/x",
        "/iam/auth/api",
        "/x",
    ] {
        let path = format!("/api/v3{path}");
        let reply = world.call(Method::GET, &path, json!(null)).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let told = world.call(Method::GET, "/api/v3/x", json!(null)).await;
    assert_told(&told, 404, "Verse::Error::NotFound");
    for (method, path) in [
        (Method::DELETE, WEBHOOKS.to_owned()),
        (Method::PUT, format!("{WEBHOOKS}/1")),
        (Method::POST, format!("{WEBHOOKS}/1")),
        (Method::DELETE, format!("{WEBHOOKS}/events")),
        (Method::PATCH, format!("{WEBHOOKS}/events")),
        (Method::GET, format!("{WEBHOOKS}/test/1")),
    ] {
        let reply = world.call(method, &path, json!(null)).await;
        assert_told(&reply, 405, "Method Not Allowed");
        assert!(reply.headers.contains_key(header::ALLOW), "{path}");
    }
}

#[tokio::test]
async fn an_odd_idempotency_key_is_told_as_a_header() {
    let world = World::new().await;
    let body = document(&attributes(&json!({})));
    let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", "a b");
    let request = request.body(body.to_string().into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!(refused(&reply), ["Idempotency-Key"]);
    assert_eq!(
        reply.json["errors"][0]["source"],
        json!({ "header": "Idempotency-Key" })
    );
}
