//! What a gateway makes of paths and queries, and who is meant all the same.

use crate::answer::Ask;
use herald_local::world::{samples::sample, stage::Stage};
use serde_json::{Value, json};

const RECIPIENTS: &str =
    "/api/notifications/policies/019b8d99-6900-7000-8000-000000000001/recipients";

/// Removes a recipient from a policy that lists some; returns the status and who is left.
async fn remove(listed: &[&str], path: &str, query: &str) -> (u16, Value) {
    let stage = Stage::set().await;
    stage.policy(1, listed).await;
    let text = sample("api", "remove-recipient-decoded");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    event["rawPath"] = json!(format!("{RECIPIENTS}{path}"));
    event["rawQueryString"] = json!(query);
    let mut answer = stage.answer(&event.to_string()).await;
    (answer.status.as_u16(), answer.body["recipients"].take())
}

#[tokio::test]
async fn a_url_is_not_mistaken_for_the_encoded_spelling_of_another() {
    let listed = [
        "https://hooks.example.com/{id}",
        "https://hooks.example.com/%7Bid%7D",
    ];
    let left = json!(["https://hooks.example.com/%7Bid%7D"]);
    assert_eq!(
        remove(&listed, "/https://hooks.example.com/{id}", "").await,
        (200, left)
    );
}

#[tokio::test]
async fn a_url_that_cannot_have_been_cut_stands_for_no_longer_one() {
    let listed = [
        "https://hooks.example.com/a?x=1",
        "https://hooks.example.com/b",
    ];
    let url = "https%3A%2F%2Fhooks.example.com%2Fa";
    assert_eq!(
        remove(&listed, "", &format!("recipient={url}")).await.0,
        400
    );
    assert_eq!(remove(&listed, &format!("/{url}"), "").await.0, 400);
}

#[tokio::test]
async fn a_question_mark_in_a_decoded_path_begins_no_query() {
    let url = "https://hooks.example.com/a?recipient=https://hooks.example.com/b";
    let listed = [url, "https://hooks.example.com/b"];
    let left = json!(["https://hooks.example.com/b"]);
    assert_eq!(remove(&listed, &format!("/{url}"), "").await, (200, left));
}

#[tokio::test]
async fn what_no_uri_may_hold_is_answered() {
    for (pointer, value) in [
        ("/rawQueryString", "q=<x>"),
        ("/rawQueryString", "q=\"x\""),
        ("/rawQueryString", "a b#c"),
        ("/headers/host", "a:b"),
        ("/headers/host", "xn--"),
        ("/headers/x-forwarded-proto", "http,https"),
        ("/requestContext/domainName", "a:b"),
    ] {
        let text = sample("api", "list-policies");
        let mut event: Value = serde_json::from_str(&text).expect("JSON");
        *event.pointer_mut(pointer).expect("a value") = json!(value);
        let answer = Stage::set().await.answer(&event.to_string()).await;
        assert!(answer.status.as_u16() < 500, "{value}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_decode_is_refused() {
    let text = sample("api", "report-event-base64");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    event["body"] = json!("*** no base64 ***");
    let answer = Stage::set().await.answer(&event.to_string()).await;
    assert_eq!(answer.status, 400, "{answer}");
}

#[tokio::test]
async fn unknown_types_alone_are_not_told_that_none_were_named() {
    let text = sample("api", "create-policy-invalid");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    let body = json!({
        "name": "P", "channel": "WEBHOOK", "recipients": ["https://hooks.example.com/a"],
        "notificationTypes": ["INVOICE_ISUED"],
    });
    event["body"] = json!(body.to_string());
    let answer = Stage::set().await.answer(&event.to_string()).await;
    assert_eq!(
        answer.body["errors"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
}

#[tokio::test]
async fn a_slash_after_the_policies_is_told_in_sequences_shape() {
    let text = sample("api", "list-policies");
    let slash = "\"/api/notifications/policies/\"";
    let event = text.replace("\"/api/notifications/policies\"", slash);
    let answer = Stage::set().await.answer(&event).await;
    assert!(answer.headers.contains_key("sequence-version"), "{answer}");
}
