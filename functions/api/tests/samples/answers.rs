//! The answers to the samples, in full.

use crate::answer::{Answer, Ask};
use herald::queue::QueueName;
use herald_local::world::{samples::body, stage::Stage};
use insta::assert_snapshot;

async fn answer(case: &str) -> Answer {
    Stage::set().await.sample(case).await
}

#[tokio::test]
async fn health_needs_no_credential() {
    let mut answer = answer("health").await;
    assert_eq!(answer.take("/version"), env!("CARGO_PKG_VERSION"));
    assert_snapshot!(answer, @r#"
    200 OK
    content-type: application/json
    {
      "status": "ok",
      "version": "…"
    }
    "#);
}

#[tokio::test]
async fn a_policy_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("create-policy").await;
    let again = stage.sample("create-policy").await;
    assert_eq!(again.body, answer.body, "the sample has an idempotency key");
    let id = answer.take("/id").parse().expect("an id");
    let stored = stage.world.service.parts.store.policy(stage.tenant, id);
    assert!(stored.await.expect("the store").is_some());
    assert_snapshot!(answer, @r#"
    201 Created
    content-type: application/json
    sequence-version: 2024-07-30
    {
      "channel": "WEBHOOK",
      "createdAt": "2026-01-05T10:00:00Z",
      "id": "…",
      "name": "Invoices to the ledger",
      "notificationTypes": [
        "INVOICE_ISSUED",
        "INVOICE_UPDATED"
      ],
      "recipients": [
        "https://hooks.example.com/ledger?team=1"
      ],
      "sequenceAccountId": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90",
      "webhookSecret": "whsec_c2FtcGxlIHNlY3JldCwgMjQgYnl0ZXMu"
    }
    "#);
}

#[tokio::test]
async fn all_errors_of_a_policy_are_told_at_once() {
    assert_snapshot!(answer("create-policy-invalid").await, @r#"
    400 Bad Request
    content-type: application/json
    sequence-version: 2024-07-30
    {
      "errors": [
        {
          "error": "must be 1 to 255 characters and not blank",
          "key": "name"
        },
        {
          "error": "must be a notification type; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
          "key": "notificationTypes[1]"
        },
        {
          "error": "must not name a recipient twice",
          "key": "recipients[1]"
        },
        {
          "error": "must be an https URL",
          "key": "recipients[2]"
        },
        {
          "error": "must be 24 to 75 visible ASCII characters",
          "key": "webhookSecret"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn policies_are_listed_the_newest_first() {
    let stage = Stage::set().await;
    for number in 1..=3 {
        stage.policy(number, &["https://hooks.example.com/a"]).await;
    }
    let mut answer = stage.sample("list-policies").await;
    assert!(!answer.take("/pagination/after").is_empty());
    assert_snapshot!(answer, @r#"
    200 OK
    content-type: application/json
    sequence-version: 2024-07-30
    {
      "items": [
        {
          "channel": "WEBHOOK",
          "createdAt": "2026-01-05T10:00:00Z",
          "id": "019b8d99-6900-7000-8000-000000000003",
          "name": "Sample 3",
          "recipients": [
            "https://hooks.example.com/a"
          ],
          "sequenceAccountId": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90",
          "webhookSecret": "whsec_c2FtcGxlIHNlY3JldCwgMjQgYnl0ZXMu"
        },
        {
          "channel": "WEBHOOK",
          "createdAt": "2026-01-05T10:00:00Z",
          "id": "019b8d99-6900-7000-8000-000000000002",
          "name": "Sample 2",
          "recipients": [
            "https://hooks.example.com/a"
          ],
          "sequenceAccountId": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90",
          "webhookSecret": "whsec_c2FtcGxlIHNlY3JldCwgMjQgYnl0ZXMu"
        }
      ],
      "pagination": {
        "after": "…",
        "totalResultSize": 3
      }
    }
    "#);
}

#[tokio::test]
async fn a_report_is_accepted_and_becomes_the_sample_of_the_fan_out() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    assert_snapshot!(stage.sample("report-event").await, @r#"
    202 Accepted
    content-type: application/json
    {
      "duplicate": false,
      "id": "inv_2026_0001"
    }
    "#);
    assert_snapshot!(stage.sample("report-event").await, @r#"
    202 Accepted
    content-type: application/json
    {
      "duplicate": true,
      "id": "inv_2026_0001"
    }
    "#);
    let queue = &stage.world.service.parts.queue;
    let sent = queue.receive(QueueName::Events, 10).expect("receives");
    for message in &sent {
        assert_eq!(message.body, body("fanout", "event"));
    }
    assert_eq!(sent.len(), 2, "enqueued again until it is fanned out");
}

#[tokio::test]
async fn an_encoded_body_is_decoded_letter_for_letter() {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    assert_snapshot!(stage.sample("report-event-base64").await, @r#"
    202 Accepted
    content-type: application/json
    {
      "duplicate": false,
      "id": "inv_2026_0002"
    }
    "#);
    let id = "inv_2026_0002".parse().expect("an id");
    let store = &stage.world.service.parts.store;
    let known = store.event(stage.tenant, &id).await.expect("the store");
    let data = known.expect("the event").event.report.data.expect("data");
    let reported = r#"{"total":"12.00","currency":"EUR","customer":{"name":"Müller & Söhne"}}"#;
    assert_eq!(data.as_str(), reported);
}

#[tokio::test]
async fn an_unknown_type_is_answered_with_the_one_that_was_meant() {
    assert_snapshot!(answer("report-event-unknown-type").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "type must be a known event type; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
      "errors": [
        {
          "detail": "must be a known event type; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
          "field": "type"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_caller_without_a_credential_is_refused() {
    assert_snapshot!(answer("unauthorized").await, @r#"
    401 Unauthorized
    content-type: application/json
    sequence-version: 2024-07-30
    www-authenticate: Basic realm="herald"
    {
      "errors": [
        {
          "error": "a known client id and client secret are needed",
          "key": "Authorization"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_unknown_route_is_a_problem() {
    assert_snapshot!(answer("unknown-route").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "there is no such route",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn an_unknown_version_is_refused_as_sequence_does() {
    assert_snapshot!(answer("unknown-version").await, @r#"
    400 Bad Request
    content-type: application/json
    sequence-version: 2024-07-30
    {
      "error": {
        "message": "2023-01-01 is not a version of this API; 2024-07-30 is",
        "type": "UnrecognisedApiVersion"
      }
    }
    "#);
}

#[tokio::test]
async fn a_method_that_a_route_lacks_is_refused() {
    assert_snapshot!(answer("wrong-method").await, @r#"
    405 Method Not Allowed
    content-type: application/problem+json
    allow: POST
    {
      "detail": "the path does not take this method; the Allow header names those it takes",
      "status": 405,
      "title": "Method Not Allowed",
      "type": "about:blank"
    }
    "#);
}
