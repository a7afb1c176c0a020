//! `POST /policies`.

use super::{channel, error::SequenceError, parse, view::PolicyView};
use crate::{Api, failure::Failure, idempotency, policy_creation::NewPolicy};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    fields::{Fields, TEXT},
    invalid::{FieldErrors, Invalid},
    policy::{Details, EventTypes, Headers, PolicyDraft, Scope, WantedRecipient},
    recipient::Channel,
    retry::RetryPolicy,
    secret::Secret,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<PolicyView>), SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let body = body.map_err(Failure::from)?;
    let idempotency = idempotency::read(&headers, &body)?;
    let wanted = read_wanted(&api, &Fields::parse(&body)?).await?;
    let made = api.create_policy(&caller, wanted, idempotency.as_ref());
    let view = api.show_policy(&caller, made.await?).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn read_wanted(api: &Api, fields: &Fields) -> Result<NewPolicy, Failure> {
    let mut errors = FieldErrors::default();
    let name = fields.required_text("name", &mut errors);
    let channel = fields
        .required::<String>("channel", TEXT, &mut errors)
        .and_then(|channel| errors.check("channel", channel::parse(&channel)));
    let types = api.named_types(parse::TYPES, fields, &mut errors).await?;
    let recipients = parse::recipients(api, fields, channel, &mut errors);
    let secret = fields.text::<Secret>("webhookSecret", &mut errors);
    if channel == Some(Channel::Email) && secret.is_some() {
        let rule = Invalid::new("is for policies of the WEBHOOK channel only");
        errors.push(rule.at("webhookSecret"));
    }
    let wanted = || {
        let draft = PolicyDraft {
            dialect: Dialect::Sequence,
            name: name?,
            event_types: types.map_or(Some(EventTypes::All), EventTypes::named)?,
            scope: Scope::Own,
            channel: channel?,
            recipients: recipients?.into_iter().map(WantedRecipient::from).collect(),
            health: None,
            ordered: false,
            pace: None,
            retry: RetryPolicy::Default,
            details: Details::default(),
        };
        Some(NewPolicy {
            draft,
            secret,
            headers: Headers::default(),
        })
    };
    Ok(errors.finish(wanted())?)
}
