//! What no honest client sends to Lune's routes, on the way through the gateway: it is answered in
//! Lune's shape, and changes nothing.

use crate::{
    answer::Answer,
    hostile::{LONG, answer_beside},
};
use herald_local::world::stage::Stage;
use serde_json::{Value, json};

const WEBHOOKS: &str = "/v1/webhooks";
const WEBHOOK: &str = "/v1/webhooks/019b8d99-6900-7000-8000-000000000009";

/// The answer to a changed sample, given the sample webhook, which stays as it is.
async fn answer(case: &str, changes: &[(&str, Value)]) -> Answer {
    let stage = Stage::set().await;
    let policy = stage.lune_webhook().await;
    answer_beside(&stage, policy, case, changes).await
}

#[tokio::test]
async fn an_odd_path_names_nothing() {
    let long = "x".repeat(LONG);
    for (method, path, status) in [
        ("GET", format!("{WEBHOOKS}/"), 404),
        ("GET", format!("{WEBHOOKS}//"), 404),
        ("DELETE", format!("{WEBHOOKS}/%ff"), 404),
        ("DELETE", format!("{WEBHOOKS}/{{id}}"), 404),
        ("DELETE", format!("{WEBHOOKS}/..{WEBHOOK}"), 404),
        ("DELETE", format!("{WEBHOOKS}/ü\u{0}"), 404),
        ("DELETE", format!("{WEBHOOKS}/{long}"), 404),
        ("DELETE", format!("{WEBHOOK}/"), 404),
        ("DELETE", format!("{WEBHOOK}%20"), 404),
        ("GET", format!("{WEBHOOK}/rotate-secret"), 405),
        ("PUT", format!("{WEBHOOK}/rotate-secret/"), 404),
        ("PATCH", WEBHOOK.to_owned(), 405),
        ("TRACE", WEBHOOKS.to_owned(), 405),
    ] {
        let changes = [
            ("/rawPath", json!(path)),
            ("/requestContext/http/method", json!(method)),
        ];
        let answer = answer("lune-show-webhook", &changes).await;
        assert_eq!(answer.status, status, "{method} {path:.60}: {answer}");
        assert!(answer.headers.contains_key("lune-version"), "{path:.60}");
    }
}

#[tokio::test]
async fn an_odd_query_filters_or_is_passed_over() {
    let long = format!("account_id={}", "x".repeat(LONG));
    for query in [
        "%ff=%fe&&==&",
        "account_id",
        "account_id=%ff",
        "account_id=%00",
        "account_id[]=x",
        "?",
        "%zz",
        "account_id=<x>",
        &long,
    ] {
        let changes = [("/rawQueryString", json!(query))];
        let answer = answer("lune-list-webhooks", &changes).await;
        assert_eq!(answer.status, 200, "{query:.60}: {answer}");
    }
}

#[tokio::test]
async fn odd_headers_are_refused() {
    for (name, value, status) in [
        ("authorization", "Bearer", 401),
        ("authorization", "Bearer é", 401),
        ("lune-account", "", 400),
        ("lune-account", "é", 400),
        ("lune-version", "é", 400),
        ("lune-version", "", 400),
    ] {
        let pointer = format!("/headers/{name}");
        let answer = answer("lune-list-webhooks", &[(&pointer, json!(value))]).await;
        assert_eq!(answer.status, status, "{name}: {value}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_webhook_is_refused() {
    let nested = format!(r#"{{"url":{}"#, "[".repeat(50_000));
    let accounts = json!({ "url": "https://example.com/", "account_ids": vec!["\u{0}"; 100] });
    for (body, encoded, status) in [
        (json!("AP/+gIE="), true, 400),
        (json!(""), false, 400),
        (Value::Null, false, 400),
        (json!("[]"), false, 400),
        (json!("null"), false, 400),
        (json!("\u{feff}{}"), false, 400),
        (json!(nested), false, 400),
        (
            json!(r#"{"url":{"url":"https://example.com/"}}"#),
            false,
            400,
        ),
        (json!(r#"{"url":"https://example.com/\u0000"}"#), false, 400),
        (
            json!(r#"{"url":"https://example.com/","account_ids":{"0":"a"}}"#),
            false,
            400,
        ),
        (json!(accounts.to_string()), false, 400),
        (json!("x".repeat(100_001)), false, 413),
    ] {
        let changes = [("/body", body), ("/isBase64Encoded", json!(encoded))];
        for case in ["lune-create-webhook", "lune-update-webhook"] {
            let answer = answer(case, &changes).await;
            assert_eq!(answer.status, status, "{case}: {answer}");
        }
    }
}
