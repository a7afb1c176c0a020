//! `POST /webhooks`.

use super::{
    error::CybersourceError,
    fields::{EVENT_TYPES, PRODUCT_ID, Said, WEBHOOK_URL},
    organization::ORGANIZATION_ID,
    retry::RetryView,
    view::SubscriptionView,
};
use crate::{
    Api, caller::Caller, failure::Failure, idempotency, policy_creation::NewPolicy,
    unpaged::MAX_UNPAGED,
};
use ::herald::{
    credential::Role,
    dialect::Dialect,
    fields::Fields,
    invalid::{FieldErrors, Invalid},
    policy::{
        Details, EventTypes, Headers, Health, OrganizationId, PolicyDraft, Scope, Subscription,
    },
    recipient::{Channel, Target},
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
) -> Result<(StatusCode, Json<SubscriptionView>), CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let body = body.map_err(Failure::from)?;
    let idempotency = idempotency::read(&headers, &body)?;
    let (holder, wanted) = read_wanted(&api, &caller, &Fields::parse(&body)?).await?;
    let room = api.has_room(holder.tenant(), Dialect::Cybersource, idempotency.as_ref());
    if !room.await? {
        let rule = format!("has {MAX_UNPAGED} webhook subscriptions, and may not have more");
        return Err(Failure::field(ORGANIZATION_ID, Invalid::new(rule)).into());
    }
    let made = api.create_policy(&holder, wanted, idempotency.as_ref());
    let view = SubscriptionView::of_new(&made.await?);
    Ok((StatusCode::CREATED, Json(view)))
}

/// For whom a subscription is to be, and what.
async fn read_wanted(
    api: &Api,
    caller: &Caller,
    fields: &Fields,
) -> Result<(Caller, NewPolicy), Failure> {
    let mut errors = FieldErrors::default();
    let named: Option<OrganizationId> = fields.required_text(ORGANIZATION_ID, &mut errors);
    let organization = named.as_ref().map(OrganizationId::as_str);
    let holder = api.read_holder(caller, organization, &mut errors).await?;
    fields.require(&["name", PRODUCT_ID, EVENT_TYPES, WEBHOOK_URL], &mut errors);
    let scoped = holder.as_ref().unwrap_or(caller);
    let said = api.read_said(scoped, fields, &mut errors).await?;
    if let (Some(product), Some(types)) = (&said.product, &said.event_types) {
        api.check_product(product, types, &mut errors).await?;
    }
    let wanted = named.and_then(|named| draft(api, said, named, &mut errors));
    Ok(errors.finish(holder.zip(wanted))?)
}

fn draft(
    api: &Api,
    said: Said,
    organization_id: OrganizationId,
    errors: &mut FieldErrors,
) -> Option<NewPolicy> {
    let retries = said.retry.over(&RetryView::default());
    let retry = retries.read(api.kept_for(), errors);
    let (target, has_health_url) = (said.target?, said.health.is_some());
    let draft = PolicyDraft {
        dialect: Dialect::Cybersource,
        name: said.name?,
        event_types: EventTypes::named(said.event_types?)?,
        scope: said.scope.unwrap_or(Scope::Own),
        channel: Channel::Webhook,
        health: health(&said.health, &target, retries.deactivate_flag),
        recipients: vec![target.into()],
        ordered: false,
        pace: None,
        retry: retry?,
        details: Details {
            description: said.description,
            subscription: Some(Subscription {
                organization_id,
                product_id: said.product?,
                has_health_url,
                proxy_type: said.proxy_type,
                additional_attributes: said.retry.additional_attributes.unwrap_or_default(),
            }),
            ..Details::default()
        },
    };
    Some(NewPolicy {
        draft,
        secret: None,
        headers: Headers::default(),
    })
}

/// What is asked for its health: the URL that is named for it, else the webhook's own.
pub(super) fn health(named: &Option<Target>, webhook: &Target, withhold: bool) -> Option<Health> {
    let Target::Url(url) = named.as_ref().unwrap_or(webhook) else {
        return None;
    };
    let url = url.clone();
    Some(Health { url, withhold })
}
