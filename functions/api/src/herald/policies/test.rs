//! `POST …/{id}/test`: a delivery that is made while the caller waits, of an event that did not
//! happen. Nothing of it is recorded.

use super::{NO_POLICY, Problem, fields::types_field};
use crate::{
    Api,
    caller::Caller,
    failure::Failure,
    herald::{delivery_view::AttemptView, id_path::IdPath},
    test_delivery::first_type,
};
use ::herald::{
    credential::Role,
    event_type::EventType,
    fields::{Fields, TEXT},
    invalid::{FieldErrors, Invalid},
    invoke::Tested,
    policy::Policy,
    recipient::{Channel, Recipient, RecipientStatus, SuspensionReason},
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::HeaderMap;
use serde::Serialize;
use std::sync::Arc;

/// What came of a test, as callers see it.
#[derive(Debug, Serialize)]
pub(crate) struct TestView {
    pub(crate) success: bool,
    pub(crate) message: String,
    /// Null where none was made.
    attempt: Option<AttemptView>,
}

/// What a test asks for.
struct Wanted {
    recipient: Recipient,
    event_type: EventType,
}

pub(super) async fn test(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<TestView>, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let wanted = read_wanted(&api, &policy, &body.map_err(Failure::from)?).await?;
    Ok(Json(api.test_policy(&caller, &policy, wanted).await?))
}

async fn read_wanted(api: &Api, policy: &Policy, body: &[u8]) -> Result<Wanted, Failure> {
    let fields = Fields::parse_optional(body)?;
    let mut errors = FieldErrors::default();
    fields.only(&["recipient", "eventType"], &mut errors);
    let named = fields.optional::<String>("recipient", TEXT, &mut errors);
    let recipient = match named {
        None => policy.recipients.first().cloned(),
        Some(named) => {
            let is_meant =
                |known: &&Recipient| known.id.as_str() == named || known.target.as_str() == named;
            let found = policy.recipients.iter().find(is_meant).cloned();
            let rule = || Invalid::new("must be a recipient of the policy, by id or target");
            errors.check("recipient", found.ok_or_else(rule))
        }
    };
    let event_type = match fields.optional::<String>("eventType", TEXT, &mut errors) {
        None => Some(first_type(policy)),
        Some(name) => {
            let known = api.known_type(types_field(policy.dialect), &name).await?;
            errors.check("eventType", known)
        }
    };
    let wanted = || {
        Some(Wanted {
            recipient: recipient?,
            event_type: event_type?,
        })
    };
    Ok(errors.finish(wanted())?)
}

impl Api {
    async fn test_policy(
        &self,
        caller: &Caller,
        policy: &Policy,
        wanted: Wanted,
    ) -> Result<TestView, Failure> {
        if let Some(message) = refusal(&wanted.recipient) {
            return Ok(TestView {
                success: false,
                message,
                attempt: None,
            });
        }
        let event = self.sample_event(caller, wanted.event_type).await?;
        match self.test(policy, &wanted.recipient.id, event).await? {
            Tested::NotThere => Err(NO_POLICY),
            Tested::Attempted(attempt) => {
                let success = attempt.outcome.is_accepted();
                let arrived = || match policy.channel {
                    Channel::Webhook => "the receiver accepted the webhook".to_owned(),
                    Channel::Email => "the mail is on its way".to_owned(),
                };
                Ok(TestView {
                    success,
                    message: attempt.outcome.error().unwrap_or_else(arrived),
                    attempt: Some(attempt.into()),
                })
            }
        }
    }
}

/// Why a mailbox is not tried: whoever reads it does not want mails. A webhook may be tried
/// whatever suspended it.
fn refusal(recipient: &Recipient) -> Option<String> {
    let RecipientStatus::Suspended { reason, .. } = recipient.status else {
        return None;
    };
    let why = match reason {
        SuspensionReason::Unsubscribed => "who reads it unsubscribed",
        SuspensionReason::Complained => "who reads it called a mail unwanted",
        SuspensionReason::Bounced => "a mail to it came back",
        SuspensionReason::Gone | SuspensionReason::ByHand => return None,
    };
    Some(format!("the recipient is suspended: {why}"))
}
