//! `POST /webhooks`.

use super::{error::LuneError, request::read_body, view::WebhookView};
use crate::{
    Api, caller::Caller, failure::Failure, idempotency, policy_creation::NewPolicy,
    policy_secret::NOT_KEPT,
};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    fields::Fields,
    invalid::FieldErrors,
    name::Name,
    policy::{Details, EventTypes, Headers, PolicyDraft, Scope},
    recipient::Channel,
    retry::RetryPolicy,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, HeaderName};
use std::sync::Arc;

/// What a webhook is called where policies have names: Lune gives it none.
const NAME: &str = "Lune webhook";

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<WebhookView>), LuneError> {
    let caller = api.lune_caller(&headers, Role::Manage).await?;
    let body = read_body(&headers, body)?;
    let idempotency = idempotency::read(&headers, &body)?;
    let wanted = read_wanted(&api, &caller, &Fields::parse(&body)?).await?;
    let room = api.has_room(caller.tenant(), Dialect::Lune, idempotency.as_ref());
    if !room.await? {
        return Err(LuneError::LimitReached);
    }
    let made = api.create_policy(&caller, wanted, idempotency.as_ref());
    let view = api.show_with_secret(&made.await?).await?;
    Ok((NOT_KEPT, Json(view)))
}

async fn read_wanted(api: &Api, caller: &Caller, fields: &Fields) -> Result<NewPolicy, Failure> {
    let mut errors = FieldErrors::default();
    let target = api.read_target(fields, &mut errors);
    let accounts = api.read_account_ids(caller, fields, &mut errors).await?;
    let name: Name = NAME.parse().expect("the name keeps the rule of names");
    let wanted = || {
        let draft = PolicyDraft {
            dialect: Dialect::Lune,
            name,
            event_types: EventTypes::All,
            scope: accounts.map_or(Scope::Descendants, Scope::Accounts),
            channel: Channel::Webhook,
            recipients: vec![target?.into()],
            health: None,
            ordered: true,
            pace: None,
            retry: RetryPolicy::UntilAcknowledged,
            details: Details::default(),
        };
        Some(NewPolicy {
            draft,
            secret: None,
            headers: Headers::default(),
        })
    };
    Ok(errors.finish(wanted())?)
}
