//! `POST /herald/v1/policies`: a policy in Herald's own dialect.

use super::{Problem, fields::COMMON, sending::SendingWish};
use crate::{Api, caller::Caller, failure::Failure, idempotency, policy_creation::NewPolicy};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    policy::{Details, EventTypes, PolicyDraft, WantedPolicyStatus},
    recipient::Channel,
    retry::RetryPolicy,
    secret::Secret,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let body = body.map_err(Failure::from)?;
    let idempotency = idempotency::read(&headers, &body)?;
    let (wanted, status) = read_wanted(&api, &caller, &Fields::parse(&body)?).await?;
    let made = api.create_policy_as(&caller, wanted, idempotency.as_ref(), status);
    let made = made.await?;
    Ok(api.shown(StatusCode::CREATED, &caller, made).await?)
}

/// The policy that a body asks for, and the status that it shall have.
async fn read_wanted(
    api: &Api,
    caller: &Caller,
    fields: &Fields,
) -> Result<(NewPolicy, Option<WantedPolicyStatus>), Failure> {
    let mut errors = FieldErrors::default();
    fields.only(&[&COMMON[..], &["channel", "secret"]].concat(), &mut errors);
    let name = fields.required_text("name", &mut errors);
    let channel = fields.required_text::<Channel>("channel", &mut errors);
    let types = api
        .read_event_types(Dialect::Herald, fields, &mut errors)
        .await?;
    let scope = api.read_scope(caller, fields, &mut errors).await?;
    let retry = api.read_retry(fields, &mut errors);
    let recipients = api.read_recipients(fields, channel, &mut errors);
    let secret = fields.text::<Secret>("secret", &mut errors);
    if channel == Some(Channel::Email) && secret.is_some() {
        let rule = Invalid::new("is for policies of the channel webhook only");
        errors.push(rule.at("secret"));
    }
    let details = api.read_details(fields, channel, &mut errors);
    let SendingWish {
        status,
        health,
        ordered,
        pace,
    } = api.read_sending(fields, channel, &mut errors);
    let ordered = ordered.unwrap_or(false);
    let wanted = || {
        let headers = details.headers().cloned().unwrap_or_default();
        let draft = PolicyDraft {
            dialect: Dialect::Herald,
            name: name?,
            event_types: types.unwrap_or(EventTypes::All),
            scope: scope.unwrap_or_default(),
            health: health.change().flatten(),
            ordered,
            pace: pace.change().flatten(),
            retry: retry.unwrap_or(if ordered {
                RetryPolicy::UntilAcknowledged
            } else {
                RetryPolicy::Default
            }),
            channel: channel?,
            recipients: recipients?,
            details: details.after(Details::default(), None),
        };
        let wanted = NewPolicy {
            draft,
            secret,
            headers,
        };
        Some((wanted, status))
    };
    Ok(errors.finish(wanted())?)
}
