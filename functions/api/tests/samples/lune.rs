//! The answers to the samples of Lune's webhooks, in full.

use crate::answer::{Answer, Ask, REQUEST};
use herald_local::world::stage::Stage;
use insta::assert_snapshot;

/// The answer to a sample, given the sample webhook.
pub(crate) async fn answer(case: &str) -> Answer {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    stage.lune_webhook().await;
    stage.sample(case).await
}

#[tokio::test]
async fn a_webhook_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("lune-create-webhook").await;
    let again = stage.sample("lune-create-webhook").await;
    assert_eq!(again.body, answer.body, "the sample has an idempotency key");
    let id = answer.take("/id").parse().expect("an id");
    let stored = stage.world.service.parts.store.policy(stage.tenant, id);
    assert!(stored.await.expect("the store").is_some());
    assert!(answer.take("/secret").starts_with("whsec_"));
    assert_eq!(answer.headers["cf-ray"], REQUEST);
    assert_snapshot!(answer, @r#"
    200 OK
    content-type: application/json
    lune-version: 2024-08-08
    cache-control: no-store
    {
      "account_ids": [
        "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90"
      ],
      "account_type": "live",
      "created_at": "2026-01-05T10:00:00Z",
      "enabled": true,
      "id": "…",
      "secret": "…",
      "url": "https://hooks.example.com/lune?team=1"
    }
    "#);
}

#[tokio::test]
async fn a_webhook_is_shown_with_the_end_of_its_secret() {
    let shown = answer("lune-show-webhook").await;
    let listed = answer("lune-list-webhooks").await;
    assert_eq!(listed.body[0], shown.body);
    assert_snapshot!(shown, @r#"
    200 OK
    content-type: application/json
    lune-version: 2024-08-08
    {
      "account_ids": [],
      "account_type": "live",
      "created_at": "2026-01-05T10:00:00Z",
      "enabled": true,
      "id": "019b8d99-6900-7000-8000-000000000009",
      "secret": "ZXMu",
      "url": "https://hooks.example.com/lune"
    }
    "#);
}

#[tokio::test]
async fn webhooks_are_listed_as_a_bare_array() {
    assert_snapshot!(answer("lune-list-webhooks").await, @r#"
    200 OK
    content-type: application/json
    lune-version: 2024-08-08
    [
      {
        "account_ids": [],
        "account_type": "live",
        "created_at": "2026-01-05T10:00:00Z",
        "enabled": true,
        "id": "019b8d99-6900-7000-8000-000000000009",
        "secret": "ZXMu",
        "url": "https://hooks.example.com/lune"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_webhook_is_moved_and_disabled() {
    assert_snapshot!(answer("lune-update-webhook").await, @r#"
    200 OK
    content-type: application/json
    lune-version: 2024-08-08
    {
      "account_ids": [],
      "account_type": "live",
      "created_at": "2026-01-05T10:00:00Z",
      "enabled": false,
      "id": "019b8d99-6900-7000-8000-000000000009",
      "secret": "ZXMu",
      "url": "https://hooks.example.com/moved"
    }
    "#);
}

#[tokio::test]
async fn a_secret_is_rotated() {
    let mut answer = answer("lune-rotate-secret").await;
    assert_eq!(answer.take("/secret").len(), 38);
    assert_snapshot!(answer, @r#"
    200 OK
    content-type: application/json
    lune-version: 2024-08-08
    cache-control: no-store
    {
      "account_ids": [],
      "account_type": "live",
      "created_at": "2026-01-05T10:00:00Z",
      "enabled": true,
      "id": "019b8d99-6900-7000-8000-000000000009",
      "secret": "…",
      "url": "https://hooks.example.com/lune"
    }
    "#);
}

#[tokio::test]
async fn a_webhook_is_deleted_without_a_word() {
    assert_snapshot!(answer("lune-delete-webhook").await, @r#"
    204 No Content
    lune-version: 2024-08-08
    ""
    "#);
}
