//! The answers to the operator's samples, in full.

use crate::answer::Ask;
use herald_local::world::stage::Stage;
use insta::assert_snapshot;

#[tokio::test]
async fn an_account_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("create-account").await;
    let id = answer.take("/id").parse().expect("an id");
    let account = stage.world.service.parts.accounts.account(id).await;
    assert!(account.expect("the store").is_some());
    assert_snapshot!(answer, @r#"
    201 Created
    content-type: application/json
    {
      "createdAt": "2026-01-05T10:00:00Z",
      "externalId": "crm:4711",
      "id": "…",
      "name": "Müller & Söhne",
      "number": 2,
      "parentId": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90",
      "status": "active"
    }
    "#);
    assert_snapshot!(stage.sample("create-account").await, @r#"
    409 Conflict
    content-type: application/problem+json
    {
      "detail": "another account has this externalId",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn all_errors_of_an_account_are_told_at_once() {
    let stage = Stage::set().await;
    assert_snapshot!(stage.sample("create-account-invalid").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "number is not a known field; name must be 1 to 255 characters and not blank; externalId must be 1 to 256 of A-Z a-z 0-9 . _ ~ : @ -; parentId must name an account that is in use",
      "errors": [
        {
          "detail": "is not a known field",
          "field": "number"
        },
        {
          "detail": "must be 1 to 255 characters and not blank",
          "field": "name"
        },
        {
          "detail": "must be 1 to 256 of A-Z a-z 0-9 . _ ~ : @ -",
          "field": "externalId"
        },
        {
          "detail": "must name an account that is in use",
          "field": "parentId"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_credential_is_created() {
    let stage = Stage::set().await;
    let mut answer = stage.sample("create-credential").await;
    let (id, secret) = (answer.take("/id"), answer.take("/secret"));
    let made = secret.strip_prefix("hk_test_").map(str::len);
    assert_eq!(made, Some(43), "{secret}");
    let secret = herald::secret::Secret::new(secret);
    let found = stage.world.service.parts.accounts.find_credential(&secret);
    let found = found.await.expect("the store").expect("a credential");
    assert_eq!(found.credential.id.as_str(), id);
    assert_snapshot!(answer, @r#"
    201 Created
    content-type: application/json
    {
      "accountId": "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90",
      "createdAt": "2026-01-05T10:00:00Z",
      "id": "…",
      "mode": "test",
      "role": "publish",
      "secret": "…"
    }
    "#);
}
