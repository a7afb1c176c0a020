//! `POST /notification/webhooks`.

use super::{
    document::{Data, JsonApi, Resource, read_body},
    error::PulseError,
    fields::{EVENTS, NAME, Said, URL},
    number_path::is_webhook,
};
use crate::{
    Api,
    failure::Failure,
    idempotency,
    policy_creation::{NewPolicy, key_was_used},
};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    invalid::FieldErrors,
    policy::{Details, EventTypes, Headers, PolicyDraft, Scope},
    recipient::Channel,
    retry::RetryPolicy,
    store::NumberedCreation,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Manage).await?;
    let body = read_body(&headers, body)?;
    let idempotency = idempotency::read(&headers, &body)?;
    let wanted = read_wanted(&api, Resource::read(&body)?).await?;
    let drawn = api.draw_policy(&caller, wanted, None).await?;
    let created = api
        .store
        .create_numbered_policy(drawn, idempotency.as_ref());
    let policy = match created.await.map_err(Failure::from)? {
        NumberedCreation::New(policy) => policy,
        NumberedCreation::Again(policy) if is_webhook(&policy) => policy,
        NumberedCreation::Again(_) | NumberedCreation::Conflict => {
            return Err(key_was_used().into());
        }
        NumberedCreation::Full => return Err(PulseError::Full),
    };
    let webhook = api.pulse_webhook_view(&caller, &policy).await?;
    let data = webhook.resource(&None);
    Ok(JsonApi(StatusCode::CREATED, Data { data }).into_response())
}

async fn read_wanted(api: &Api, resource: Resource) -> Result<NewPolicy, Failure> {
    let mut errors = FieldErrors::default();
    let attributes = &resource.attributes;
    attributes.require(&[NAME, URL, EVENTS], &mut errors);
    let said = api.read_attributes(attributes, &mut errors).await?;
    resource.finish(errors, draft(said))
}

fn draft(said: Said) -> Option<NewPolicy> {
    let draft = PolicyDraft {
        dialect: Dialect::Pulse,
        name: said.name?,
        event_types: EventTypes::named(said.events?)?,
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients: vec![said.target?.into()],
        health: None,
        ordered: false,
        pace: None,
        retry: RetryPolicy::Default,
        details: Details::default(),
    };
    Some(NewPolicy {
        draft,
        secret: said.secret,
        headers: Headers::default(),
    })
}
