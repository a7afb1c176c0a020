//! What no honest client sends to Herald's own routes, on the way through the gateway: it is
//! answered in the API's shape, and changes nothing.

use crate::{
    answer::{Answer, Ask},
    hostile::{LONG, changed},
};
use herald_local::world::stage::Stage;
use serde_json::{Value, json};

const POLICIES: &str = "/herald/v1/policies";
const POLICY: &str = "/herald/v1/policies/019b8d99-6900-7000-8000-000000000001";

/// The answer to a changed sample, given the sample policy, which stays as it is.
async fn answer(case: &str, changes: &[(&str, Value)]) -> Answer {
    let stage = Stage::set().await;
    let policy = stage.policy(1, &["https://hooks.example.com/a"]).await;
    let answer = stage.answer(&changed(case, changes)).await;
    assert!(answer.is_in_shape(), "{changes:?}: {answer}");
    let kept = stage
        .world
        .service
        .parts
        .store
        .policy(stage.tenant, policy.id);
    assert_eq!(kept.await.expect("the store"), Some(policy), "{changes:?}");
    answer
}

#[tokio::test]
async fn an_odd_path_names_nothing() {
    let long = "x".repeat(LONG);
    for (method, path, status) in [
        ("PATCH", format!("{POLICIES}/"), 404),
        ("PATCH", format!("{POLICIES}/%ff"), 404),
        ("PATCH", format!("{POLICIES}/{{id}}"), 404),
        ("PATCH", format!("{POLICIES}/..{POLICY}"), 404),
        ("PATCH", format!("{POLICIES}/ü\u{0}"), 404),
        ("PATCH", format!("{POLICIES}/{long}"), 404),
        ("PATCH", format!("{POLICY}/"), 404),
        ("PATCH", format!("{POLICY}%20"), 404),
        ("PATCH", format!("{POLICY}/secret"), 405),
        ("GET", format!("{POLICY}/test"), 405),
        ("GET", format!("{POLICY}/rotate-secret"), 405),
        ("DELETE", format!("{POLICY}/secret"), 405),
        ("PUT", POLICY.to_owned(), 405),
        ("GET", format!("/herald/v1/event-types/{long}"), 404),
        ("GET", "/herald/v1/event-types/a b".to_owned(), 404),
        ("GET", "/herald/v1/event-types/a/b".to_owned(), 404),
        ("PUT", "/herald/v1/event-types/x".to_owned(), 403),
        ("DELETE", "/herald/v1/suppressions/".to_owned(), 404),
        ("DELETE", "/herald/v1/suppressions".to_owned(), 405),
        (
            "DELETE",
            format!("/herald/v1/suppressions/{long}@example.com"),
            404,
        ),
        (
            "DELETE",
            "/herald/v1/suppressions/\u{0}\r\n@example.com".to_owned(),
            404,
        ),
        ("POST", "/herald/v1/unsubscribe/".to_owned(), 404),
    ] {
        let changes = [
            ("/rawPath", json!(path)),
            ("/requestContext/http/method", json!(method)),
        ];
        let answer = answer("change-policy", &changes).await;
        assert_eq!(answer.status, status, "{method} {path:.80}: {answer}");
    }
}

#[tokio::test]
async fn an_odd_query_is_refused() {
    for (query, status) in [
        ("limit=%ff", 400),
        ("limit=1&limit=2", 200),
        ("q=%00", 200),
        ("q={x}|^`\\[]'<>\"", 200),
        ("q=\u{202e}", 200),
        ("dialect=Sequence", 400),
        ("channel=", 400),
        ("eventType=%0d%0a", 400),
        ("after=%00", 400),
        ("after=", 400),
        ("%ff=1", 400),
        ("unheardOf=1", 400),
    ] {
        let answer = answer("list-own-policies", &[("/rawQueryString", json!(query))]).await;
        assert_eq!(answer.status, status, "{query}: {answer}");
    }
    let long = format!("q={}", "x".repeat(LONG));
    let answer = answer("list-own-policies", &[("/rawQueryString", json!(long))]).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn odd_headers_and_bodies_are_refused() {
    for (pointer, value, status) in [
        ("/headers/if-match", json!("é"), 412),
        ("/headers/if-match", json!(",,,"), 412),
        ("/headers/herald-account", json!("nobody"), 400),
        ("/headers/authorization", json!("Bearer "), 401),
        ("/body", Value::Null, 400),
        ("/body", json!("name=x"), 400),
        ("/body", json!("{\"name\":\"x\"}{\"name\":\"y\"}"), 400),
        ("/body", json!("{\"name\":\"\\ud800\"}"), 400),
        ("/body", json!("{\"name\":NaN}"), 400),
        ("/body", json!("{\"name\":\"x\u{0}\"}"), 400),
        ("/body", json!("x".repeat(1_024 * 1_024 + 1)), 413),
    ] {
        let answer = answer("change-policy", &[(pointer, value.clone())]).await;
        let value = value.to_string();
        assert_eq!(answer.status, status, "{pointer} {value:.60}: {answer}");
    }
}
