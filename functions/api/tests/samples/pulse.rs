//! The answers to the samples of Pulse's webhooks, in full.

use crate::answer::{Answer, Ask};
use herald_local::world::stage::Stage;
use serde_json::{Value, json};

/// The answer to a sample, given the sample webhook.
async fn answer(case: &str) -> Answer {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    stage.pulse_webhook().await;
    let answer = stage.sample(case).await;
    let kind = answer.headers.get("content-type");
    let is_none = answer.status == 204;
    assert!(is_none || kind.is_some_and(|kind| kind == "application/vnd.api+json"));
    answer
}

/// The sample webhook, with some attributes replaced.
fn webhook(attributes: &Value) -> Value {
    let mut webhook = json!({
        "type": "notification/webhooks",
        "id": "1",
        "attributes": {
            "account_id": 1_000,
            "name": "Sample 8",
            "url": "https://hooks.example.com/pulse",
            "secret": "whsec_c2FtcGxlIHNlY3JldCwgMjQgYnl0ZXMu",
            "events": ["workflow:projects:created"],
            "scopes": {},
            "created_at": "2026-01-05T10:00:00Z",
            "updated_at": "2026-01-05T10:00:00Z",
        },
    });
    for (name, value) in attributes.as_object().expect("an object") {
        webhook["attributes"][name] = value.clone();
    }
    webhook
}

#[tokio::test]
async fn a_webhook_is_created() {
    let stage = Stage::set().await;
    let answer = stage.sample("pulse-create-webhook").await;
    let again = stage.sample("pulse-create-webhook").await;
    assert_eq!(again.body, answer.body, "the sample has an idempotency key");
    let expected = webhook(&json!({
        "name": "CI",
        "url": "https://hooks.example.com/pulse?team=1",
        "secret": "hush",
        "events": ["workflow:projects:created", "workflow:projects:deleted"],
    }));
    assert_eq!(answer.body, json!({ "data": expected }), "{answer}");
}

#[tokio::test]
async fn a_webhook_is_shown_listed_and_changed() {
    let one = webhook(&json!({}));
    let shown = answer("pulse-show-webhook").await;
    assert_eq!(shown.body, json!({ "data": one }), "{shown}");
    let listed = answer("pulse-list-webhooks").await;
    let meta = json!({ "count": 1, "more": false });
    assert_eq!(
        listed.body,
        json!({ "data": [one], "meta": meta }),
        "{listed}"
    );
    let sparse = answer("pulse-list-webhooks-sparse").await;
    let attributes = json!({ "name": "Sample 8", "url": "https://hooks.example.com/pulse" });
    assert_eq!(sparse.body["data"][0]["attributes"], attributes, "{sparse}");
    let changed = answer("pulse-update-webhook").await;
    let moved = json!({ "name": "Moved", "url": "https://hooks.example.com/moved" });
    assert_eq!(
        changed.body,
        json!({ "data": webhook(&moved) }),
        "{changed}"
    );
}

#[tokio::test]
async fn events_are_resources_of_nothing_but_a_name() {
    let answer = answer("pulse-events").await;
    let event = |verb: &str| json!({ "type": "notification/events", "id": format!("workflow:projects:{verb}") });
    let events = ["created", "deleted", "updated"].map(event);
    assert_eq!(answer.body, json!({ "data": events }), "{answer}");
}

#[tokio::test]
async fn a_login_gives_a_token() {
    let mut answer = answer("pulse-login").await;
    assert!(answer.take("/meta/token").starts_with("hl1."));
    assert_eq!(answer.body, json!({ "meta": { "token": "…" } }));
}

#[tokio::test]
async fn every_rule_that_is_broken_has_an_error_of_its_own() {
    let error = |source: &str, place: &str, detail: &str| {
        json!({
            "status": 422, "title": "Verse::Error::ValidationFailed", "detail": detail,
            "source": { source: place },
        })
    };
    let at = |place: &str, detail: &str| error("pointer", &format!("/data/{place}"), detail);
    let refused = answer("pulse-create-webhook-invalid").await;
    let expected = json!({ "errors": [
        at("type", "must be notification/webhooks"),
        at("attributes/name", "must be 1 to 255 characters and not blank"),
        at("attributes/url", "must be an https URL"),
        at("attributes/secret", "must be 1 to 1024 characters"),
        at(
            "attributes/events/1",
            "must be an event of /notification/webhooks/events; did you mean \
             workflow:projects:created or workflow:projects:deleted or workflow:projects:updated?",
        ),
    ] });
    assert_eq!(refused.body, expected, "{refused}");
    let refused = answer("pulse-list-webhooks-invalid").await;
    let told = refused.body["errors"].as_array().expect("errors").iter();
    let told: Vec<_> = told
        .map(|error| error["source"]["parameter"].clone())
        .collect();
    let expected = ["included", "page[number]", "page[size]", "sort", "count"];
    assert_eq!(told, expected, "{refused}");
}

#[tokio::test]
async fn other_refusals_have_a_status_that_is_a_text() {
    for (case, status, title) in [
        ("pulse-form-body", "415", "Unsupported Media Type"),
        (
            "pulse-login-unknown-key",
            "401",
            "Verse::Error::Authorization",
        ),
        ("pulse-unauthorized", "401", "Verse::Error::Authorization"),
        (
            "pulse-unknown-webhook",
            "404",
            "Verse::Error::RecordNotFound",
        ),
    ] {
        let answer = answer(case).await;
        let errors = answer.body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{answer}");
        assert_eq!(
            (&errors[0]["status"], &errors[0]["title"]),
            (&json!(status), &json!(title))
        );
        assert_eq!(answer.status.as_str(), status);
    }
}
