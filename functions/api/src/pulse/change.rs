//! `PATCH /notification/webhooks/{id}`: changes what the body names, and nothing else.

use super::{
    NO_WEBHOOK,
    document::{Data, JsonApi, Resource, pointer, read_body},
    error::PulseError,
    fields::{EVENTS, Said, URL},
    number_path::NumberPath,
};
use crate::{Api, failure::Failure, policy_fields::ACCOUNTS};
use ::herald::{
    credential::Role,
    invalid::FieldErrors,
    policy::{EventTypes, Policy, PolicyChange},
    vault::Sealed,
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use std::sync::Arc;

/// What a body asks for.
struct Wanted {
    said: Said,
    /// The secret, where it is another.
    secret: Option<Sealed>,
}

pub(super) async fn change(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: NumberPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, PulseError> {
    let caller = api.pulse_caller(&headers, Role::Manage).await?;
    let body = read_body(&headers, body)?;
    let policy = api.pulse_webhook(caller.tenant(), path).await?;
    let wanted = read_wanted(&api, &policy, Resource::read(&body)?).await?;
    let now = api.clock.now();
    let changed = api.change_policy(&policy, |present| wanted.apply(present, &api, now));
    let changed = changed.await?.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    let webhook = api.pulse_webhook_view(&caller, &changed).await?;
    let data = webhook.resource(&None);
    Ok(JsonApi(StatusCode::OK, Data { data }).into_response())
}

async fn read_wanted(api: &Api, policy: &Policy, resource: Resource) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    let attributes = &resource.attributes;
    let said = api.read_attributes(attributes, &mut errors).await?;
    let said = resource.finish(errors, Some(said))?;
    let secret = match &said.secret {
        Some(secret) if api.newest_secret(policy).await?.as_ref() != Some(secret) => {
            let context = Policy::seal_context(policy.owner, policy.id);
            Some(api.vault.seal(&context, secret).await?)
        }
        _ => None,
    };
    Ok(Wanted { said, secret })
}

impl Wanted {
    /// The next version. The webhook's recipient keeps its id wherever it goes; that a body names
    /// its URL revives it, where it was gone. An old secret counts no more.
    fn apply(&self, present: Policy, api: &Api, now: Timestamp) -> Result<Policy, Failure> {
        let first = present.recipients.first();
        let recipient = first.expect("a policy has a recipient").id.clone();
        let refused = |rule| Failure::field(pointer(URL), rule);
        let mut next = match &self.said.target {
            None => present,
            Some(target) => present
                .redirect_recipient(&recipient, target, now)
                .map_err(refused)?,
        };
        if let Some(secret) = &self.secret {
            next = next.rotate_secret(secret.clone(), now, now);
        }
        let change = PolicyChange {
            name: self.said.name.clone(),
            event_types: self.said.events.clone().and_then(EventTypes::named),
            ..PolicyChange::default()
        };
        let next = next.apply(change, &*api.random, now).map_err(refused)?;
        next.check_hints(ACCOUNTS)
            .map_err(|rule| Failure::field(pointer(EVENTS), rule))?;
        Ok(next)
    }
}
