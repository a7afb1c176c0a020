//! What is told of requests about policies that break rules, in full.

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
async fn all_errors_of_a_creation_are_told_at_once() {
    assert_snapshot!(answer("create-own-policy-invalid").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "priority is not a known field; name must be 1 to 255 characters and not blank; channel must be webhook or email; eventTypes[0] must be a known event type; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?; recipients[0].url is not a known field; recipients[0].target is required; secret must be 24 to 75 visible ASCII characters; timeoutSeconds must be a whole number from 1 to 15; headers must not name host, which is not the policy's; contact must be an e-mail address; metadata must be an object of strings",
      "errors": [
        {
          "detail": "is not a known field",
          "field": "priority"
        },
        {
          "detail": "must be 1 to 255 characters and not blank",
          "field": "name"
        },
        {
          "detail": "must be webhook or email",
          "field": "channel"
        },
        {
          "detail": "must be a known event type; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
          "field": "eventTypes[0]"
        },
        {
          "detail": "is not a known field",
          "field": "recipients[0].url"
        },
        {
          "detail": "is required",
          "field": "recipients[0].target"
        },
        {
          "detail": "must be 24 to 75 visible ASCII characters",
          "field": "secret"
        },
        {
          "detail": "must be a whole number from 1 to 15",
          "field": "timeoutSeconds"
        },
        {
          "detail": "must not name host, which is not the policy's",
          "field": "headers"
        },
        {
          "detail": "must be an e-mail address",
          "field": "contact"
        },
        {
          "detail": "must be an object of strings",
          "field": "metadata"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn all_errors_of_a_rotation_are_told_at_once() {
    assert_snapshot!(answer("rotate-secret-invalid").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "secret must be 24 to 75 visible ASCII characters; overlapSeconds must be a whole number from 0 to 604800",
      "errors": [
        {
          "detail": "must be 24 to 75 visible ASCII characters",
          "field": "secret"
        },
        {
          "detail": "must be a whole number from 0 to 604800",
          "field": "overlapSeconds"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn all_errors_of_a_test_delivery_are_told_at_once() {
    assert_snapshot!(answer("test-policy-invalid").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "recipient must be a recipient of the policy, by id or target; eventType must be an event type that the dialect sequence knows; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
      "errors": [
        {
          "detail": "must be a recipient of the policy, by id or target",
          "field": "recipient"
        },
        {
          "detail": "must be an event type that the dialect sequence knows; did you mean INVOICE_ISSUED or INVOICE_UPDATED or INVOICE_CREATED?",
          "field": "eventType"
        }
      ],
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
}
