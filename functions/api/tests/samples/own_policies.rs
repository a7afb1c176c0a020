//! The answers to the samples of Herald's own policies, in full.

use crate::answer::{Answer, Ask};
use herald_local::world::stage::Stage;
use insta::assert_snapshot;

/// The answer to a sample, given the sample policy.
async fn answer(case: &str) -> Answer {
    let stage = Stage::set().await;
    stage.policy(1, &["https://hooks.example.com/a"]).await;
    stage.sample(case).await
}

#[tokio::test]
async fn a_policy_of_heralds_own_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("create-own-policy").await;
    let again = stage.sample("create-own-policy").await;
    assert_eq!(again.body, answer.body, "the sample has an idempotency key");
    let id = answer.take("/id").parse().expect("an id");
    let stored = stage.world.service.parts.store.policy(stage.tenant, id);
    assert!(stored.await.expect("the store").is_some());
    for recipient in ["/recipients/0/id", "/recipients/1/id"] {
        assert_eq!(answer.take(recipient).len(), 12);
    }
    assert_snapshot!(answer, @r#"
    201 Created
    content-type: application/json
    etag: "1"
    {
      "channel": "webhook",
      "contact": "ledger@example.com",
      "createdAt": "2026-01-05T10:00:00Z",
      "deliveryMode": "independent",
      "description": "What the ledger needs to book",
      "dialect": "herald",
      "eventTypes": [
        "order.paid",
        "INVOICE_ISSUED"
      ],
      "headers": {
        "Authorization": "Bearer of-the-ledger"
      },
      "health": null,
      "id": "…",
      "maxPerSecond": null,
      "metadata": {
        "team": "Müller & Söhne"
      },
      "name": "Orders to the ledger",
      "recipients": [
        {
          "id": "…",
          "status": "active",
          "target": "https://hooks.example.com/ledger?team=1"
        },
        {
          "id": "…",
          "reason": "by_hand",
          "since": "2026-01-05T10:00:00Z",
          "status": "suspended",
          "target": "https://hooks.example.com/archive"
        }
      ],
      "retryPolicy": {
        "schedule": "default"
      },
      "scope": "own",
      "status": "active",
      "statusSince": null,
      "timeoutSeconds": 5,
      "updatedAt": "2026-01-05T10:00:00Z",
      "version": 1
    }
    "#);
}

#[tokio::test]
async fn a_policy_is_changed_in_what_is_named() {
    assert_snapshot!(answer("change-policy").await, @r#"
    200 OK
    content-type: application/json
    etag: "2"
    {
      "channel": "webhook",
      "contact": null,
      "createdAt": "2026-01-05T10:00:00Z",
      "deliveryMode": "independent",
      "description": "Changed by a sample",
      "dialect": "sequence",
      "eventTypes": null,
      "headers": {},
      "health": null,
      "id": "019b8d99-6900-7000-8000-000000000001",
      "maxPerSecond": null,
      "metadata": {
        "team": "billing"
      },
      "name": "Sample 1",
      "recipients": [
        {
          "id": "sample000001",
          "status": "active",
          "target": "https://hooks.example.com/a"
        }
      ],
      "retryPolicy": {
        "schedule": "default"
      },
      "scope": "own",
      "status": "active",
      "statusSince": null,
      "timeoutSeconds": 5,
      "updatedAt": "2026-01-05T10:00:00Z",
      "version": 2
    }
    "#);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_not_changed() {
    assert_snapshot!(answer("change-policy-stale").await, @r#"
    412 Precondition Failed
    content-type: application/problem+json
    {
      "detail": "If-Match names another version of the policy; this is \"1\"",
      "status": 412,
      "title": "Precondition Failed",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn what_is_fixed_is_not_changed() {
    assert_snapshot!(answer("change-policy-fixed").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "id cannot be changed; channel cannot be changed; version cannot be changed",
      "errors": [
        {
          "detail": "cannot be changed",
          "field": "id"
        },
        {
          "detail": "cannot be changed",
          "field": "channel"
        },
        {
          "detail": "cannot be changed",
          "field": "version"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_policy_of_sequence_is_shown_in_neutral_words() {
    let shown = answer("show-policy").await;
    let listed = answer("list-own-policies").await;
    assert_eq!(listed.body["items"][0], shown.body);
    assert_snapshot!(shown, @r#"
    200 OK
    content-type: application/json
    etag: "1"
    {
      "channel": "webhook",
      "contact": null,
      "createdAt": "2026-01-05T10:00:00Z",
      "deliveryMode": "independent",
      "description": null,
      "dialect": "sequence",
      "eventTypes": null,
      "headers": {},
      "health": null,
      "id": "019b8d99-6900-7000-8000-000000000001",
      "maxPerSecond": null,
      "metadata": {},
      "name": "Sample 1",
      "recipients": [
        {
          "id": "sample000001",
          "status": "active",
          "target": "https://hooks.example.com/a"
        }
      ],
      "retryPolicy": {
        "schedule": "default"
      },
      "scope": "own",
      "status": "active",
      "statusSince": null,
      "timeoutSeconds": null,
      "updatedAt": "2026-01-05T10:00:00Z",
      "version": 1
    }
    "#);
}
