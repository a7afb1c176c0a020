//! The answers to the samples that Lune's routes refuse, in full.

use crate::lune::answer;
use insta::assert_snapshot;

#[tokio::test]
async fn all_errors_of_a_webhook_stand_in_one_message() {
    assert_snapshot!(answer("lune-create-webhook-invalid").await, @r#"
    400 Bad Request
    content-type: application/json
    lune-version: 2024-08-08
    {
      "error": {
        "error_code": "validation_error",
        "message": "url must be an https URL; account_ids must name 1 to 100 accounts"
      },
      "errors": [
        {
          "error_code": "validation_error",
          "message": "url must be an https URL; account_ids must name 1 to 100 accounts"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    assert_snapshot!(answer("lune-form-body").await, @r#"
    415 Unsupported Media Type
    content-type: text/plain; charset=utf-8
    lune-version: 2024-08-08
    "Unsupported Media Type: the body must be application/json\n"
    "#);
}

#[tokio::test]
async fn a_caller_without_a_credential_is_unauthorised() {
    assert_snapshot!(answer("lune-unauthorized").await, @r#"
    401 Unauthorized
    content-type: application/json
    lune-version: 2024-08-08
    www-authenticate: Basic realm="herald", Bearer realm="herald"
    {
      "error": {
        "error_code": "unauthorised",
        "message": "a known API key is needed, as Authorization: Bearer"
      },
      "errors": [
        {
          "error_code": "unauthorised",
          "message": "a known API key is needed, as Authorization: Bearer"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_an_invalid_id() {
    assert_snapshot!(answer("lune-unknown-account").await, @r#"
    400 Bad Request
    content-type: application/json
    lune-version: 2024-08-08
    {
      "error": {
        "error_code": "id_invalid",
        "message": "Lune-Account must name the credential's account or one below it"
      },
      "errors": [
        {
          "error_code": "id_invalid",
          "message": "Lune-Account must name the credential's account or one below it"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn an_unknown_version_is_refused_as_lune_does() {
    assert_snapshot!(answer("lune-unknown-version").await, @r#"
    400 Bad Request
    content-type: application/json
    lune-version: 2024-08-08
    {
      "error": {
        "error_code": "api_version_invalid",
        "message": "2023-01-01 is not a version of this API; 2024-08-08 is"
      },
      "errors": [
        {
          "error_code": "api_version_invalid",
          "message": "2023-01-01 is not a version of this API; 2024-08-08 is"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_told_without_a_schema() {
    assert_snapshot!(answer("lune-unknown-webhook").await, @r#"
    404 Not Found
    content-type: text/plain; charset=utf-8
    lune-version: 2024-08-08
    "Not Found: there is no such webhook\n"
    "#);
}
