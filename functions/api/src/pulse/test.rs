//! `POST /notification/webhooks/test/{id}`: a webhook of something that did not happen, posted while
//! the caller waits.

use super::{NO_WEBHOOK, document::JsonApi, error::PulseError, number_path::NumberPath};
use crate::{Api, failure::Failure, test_delivery::first_type};
use ::herald::{credential::Role, invoke::Tested};
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::sync::Arc;

/// What came of it, as Pulse documents it.
#[derive(Debug, Serialize)]
pub(super) struct TestView {
    success: bool,
    message: String,
}

/// The answer is 200 whatever the receiver says: that is what was asked.
pub(super) async fn test(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: NumberPath,
) -> Result<JsonApi<TestView>, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Manage).await?;
    let policy = api.pulse_webhook(caller.tenant(), path).await?;
    let recipient = policy.recipients.first();
    let recipient = recipient.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    let event = api.sample_event(&caller, first_type(&policy)).await?;
    match api.test(&policy, &recipient.id, event).await? {
        Tested::NotThere => Err(Failure::NotFound(NO_WEBHOOK).into()),
        Tested::Attempted(attempt) => {
            let arrived = || "the receiver accepted the webhook".to_owned();
            let view = TestView {
                success: attempt.outcome.is_accepted(),
                message: attempt.outcome.error().unwrap_or_else(arrived),
            };
            Ok(JsonApi(StatusCode::OK, view))
        }
    }
}
