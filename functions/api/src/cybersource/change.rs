//! `PATCH /webhooks/{id}`: changes what the body names, and nothing else.

use super::{
    NO_WEBHOOK,
    create::health,
    error::CybersourceError,
    fields::{EVENT_TYPES, Said, WEBHOOK_URL},
    organization::ORGANIZATION_ID,
    retry::RetryView,
    view::SubscriptionView,
};
use crate::{Api, caller::Caller, failure::Failure, policy_path::PolicyPath};
use ::herald::{
    credential::Role,
    fields::{Fields, TEXT},
    invalid::{FieldErrors, Invalid},
    policy::{Details, EventTypes, Health, Policy, PolicyChange},
    recipient::Target,
    retry::RetryPolicy,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::HeaderMap;
use jiff::Timestamp;
use std::sync::Arc;

/// What a body asks for.
struct Wanted {
    said: Said,
    /// `None` where it says nothing of retries.
    retry: Option<RetryPolicy>,
}

pub(super) async fn change(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SubscriptionView>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let policy = api.subscription(&caller, path).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let wanted = read_wanted(&api, &caller, &policy, &fields).await?;
    let now = api.clock.now();
    let changed = api.change_policy(&policy, |present| wanted.apply(present, &api, now));
    let changed = changed.await?.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(Json((&changed).into()))
}

async fn read_wanted(
    api: &Api,
    caller: &Caller,
    policy: &Policy,
    fields: &Fields,
) -> Result<Wanted, Failure> {
    let mut errors = FieldErrors::default();
    let owner = policy.owner.account.to_string();
    let holder = api.acting_for(caller, &owner).await?;
    let holder = holder.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    if let Some(named) = fields.optional::<String>(ORGANIZATION_ID, TEXT, &mut errors) {
        let named = api.acting_for(caller, &named).await?;
        if named.is_none_or(|named| named.account.id != holder.account.id) {
            errors.push(Invalid::new("cannot be changed").at(ORGANIZATION_ID));
        }
    }
    let withholds = policy.health.as_ref().is_some_and(|it| it.withhold);
    let retry = RetryView::of(&policy.retry, withholds);
    let said = api.read_said(&holder, fields, retry, &mut errors).await?;
    let present = policy.details.subscription.as_ref();
    let product = said.product.as_ref().or(present.map(|it| &it.product_id));
    let types = match (&said.event_types, &policy.event_types) {
        (Some(types), _) | (None, EventTypes::Named(types)) => types.as_slice(),
        (None, EventTypes::All) => &[],
    };
    let concerns = said.product.is_some() || said.event_types.is_some();
    if let Some(product) = product.filter(|_| concerns) {
        api.check_product(product, types, &mut errors).await?;
    }
    let asked = !fields.is_null("retryPolicy");
    let retry = asked.then(|| said.retry.read(api.kept_for(), &mut errors));
    let retry = retry.flatten();
    Ok(errors.finish(Some(Wanted { said, retry }))?)
}

impl Wanted {
    fn apply(&self, present: Policy, api: &Api, now: Timestamp) -> Result<Policy, Failure> {
        let first = present.recipients.first();
        let recipient = first.expect("a policy has a recipient").clone();
        let refused = |rule| Failure::field(WEBHOOK_URL, rule);
        let moved = match &self.said.target {
            None => present,
            Some(target) => present
                .redirect_recipient(&recipient.id, target, now)
                .map_err(refused)?,
        };
        let event_types = self.said.event_types.clone().and_then(EventTypes::named);
        let change = PolicyChange {
            name: self.said.name.clone(),
            event_types,
            scope: self.said.scope.clone(),
            retry: self.retry.clone(),
            status: self.said.status,
            health: Some(self.health(&moved)),
            details: Some(self.details(&moved.details)),
            ..PolicyChange::default()
        };
        let next = moved.apply(change, &*api.random, now).map_err(refused)?;
        next.check_hints()
            .map_err(|rule| Failure::field(EVENT_TYPES, rule))?;
        Ok(next)
    }

    /// How its health is known then. Where no URL was ever named for it, it follows the webhook's.
    fn health(&self, moved: &Policy) -> Option<Health> {
        let said = moved.details.subscription.as_ref();
        let has_own = said.is_some_and(|said| said.has_health_url);
        let present = moved.health.as_ref().filter(|_| has_own);
        let present = present.map(|health| Target::Url(health.url.clone()));
        let named = self.said.health.clone().or(present);
        let webhook = &moved.recipients.first()?.target;
        health(&named, webhook, self.said.retry.deactivate_flag)
    }

    fn details(&self, present: &Details) -> Details {
        let said = &self.said;
        let mut next = present.clone();
        next.description = said.description.clone().or(next.description);
        if let Some(subscription) = &mut next.subscription {
            subscription.has_health_url |= said.health.is_some();
            subscription.proxy_type = said.proxy_type.or(subscription.proxy_type);
            if let Some(product) = &said.product {
                subscription.product_id = product.clone();
            }
        }
        next
    }
}
