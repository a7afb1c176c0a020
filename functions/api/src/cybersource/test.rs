//! `POST /webhooks/{id}`: a notification of something that did not happen, posted while the caller
//! waits, and shown as it was posted.

use super::{NO_WEBHOOK, error::CybersourceError};
use crate::{
    Api,
    failure::Failure,
    policy_path::PolicyPath,
    test_delivery::{first_type, test_delivery},
};
use ::herald::{
    attempt::Attempt, credential::Role, dialect::Parcel, event::EventAccount, invoke::Tested,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::sync::Arc;

/// What is told.
const DATA: &str = r#"{"testPayload":{"message":"This is a test of your webhook subscription"}}"#;

/// The header that says what came of it: CyberSource's body has no place for that.
const OUTCOME: &str = "herald-test";

/// The answer is 201 whatever the receiver says, as nothing else is documented.
pub(super) async fn test(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Response, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let policy = api.subscription(&caller, path).await?;
    let recipient = policy.recipients.first();
    let recipient = recipient.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    let data = DATA.parse().expect("the sample is an object");
    let account = EventAccount::default();
    let event = api.unreal_event(policy.owner, account, first_type(&policy), Some(data));
    let test = test_delivery(&policy, &recipient.id, event);
    let parcel = Parcel {
        policy: &policy,
        events: &[&test.event],
        id: test.reference.id(),
        number: 1,
        is_test: true,
    };
    let body = policy.dialect.envelope(&parcel);
    match api.invoke.test(policy.channel, test).await? {
        Tested::NotThere => Err(Failure::NotFound(NO_WEBHOOK).into()),
        Tested::Attempted(attempt) => Ok(shown(body, &attempt)),
    }
}

fn shown(body: String, attempt: &Attempt) -> Response {
    let mut response = (StatusCode::CREATED, body).into_response();
    let outcome = attempt.outcome.error();
    let outcome = outcome.unwrap_or_else(|| "the receiver accepted the notification".to_owned());
    if let Ok(outcome) = HeaderValue::from_str(&outcome) {
        response.headers_mut().insert(OUTCOME, outcome);
    }
    response
}
