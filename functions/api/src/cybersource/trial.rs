//! `POST /webhooks/{id}`: a notification of something that did not happen, posted while the caller
//! waits, and shown as it was posted.

use super::{NO_WEBHOOK, error::CybersourceError};
use crate::{
    Api,
    failure::Failure,
    policy_path::PolicyPath,
    policy_trial::{first_type, trial},
};
use ::herald::{
    attempt::Attempt,
    credential::Role,
    dialect::Parcel,
    event::{Event, EventAccount, EventId, EventRef, Report},
    invoke::Tested,
    policy::Policy,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
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
    let event = api.test_event(&policy);
    let test = trial(&policy, &recipient.id, event);
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
    let json = HeaderValue::from_static("application/json;charset=utf-8");
    let mut response = (StatusCode::CREATED, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, json);
    let outcome = attempt.outcome.error();
    let outcome = outcome.unwrap_or_else(|| "the receiver accepted the notification".to_owned());
    if let Ok(outcome) = HeaderValue::from_str(&outcome) {
        headers.insert(OUTCOME, outcome);
    }
    response
}

impl Api {
    fn test_event(&self, policy: &Policy) -> Event {
        Event {
            reference: EventRef {
                tenant: policy.owner,
                id: EventId::for_test(self.random.bytes()),
                accepted_at: self.clock.now(),
            },
            account: EventAccount::default(),
            place: None,
            report: Report {
                event_type: first_type(policy),
                resource_type: None,
                resource_id: None,
                data: Some(DATA.parse().expect("the sample is an object")),
                occurred_at: None,
            },
        }
    }
}
