//! `PATCH /webhooks/{id}`: changes what the body names, and nothing else.

use super::{
    NO_WEBHOOK, SCOPE_DATA,
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

pub(super) async fn change(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SubscriptionView>, CybersourceError> {
    let caller = api.cybersource_caller(&headers, Role::Manage).await?;
    let policy = api.subscription(&caller, path).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let said = read_change(&api, &caller, &policy, &fields).await?;
    let now = api.clock.now();
    let changed = api.change_policy(&policy, |present| said.apply(present, &api, now));
    let changed = changed.await?.ok_or(Failure::NotFound(NO_WEBHOOK))?;
    Ok(Json((&changed).into()))
}

/// What a body asks for.
async fn read_change(
    api: &Api,
    caller: &Caller,
    policy: &Policy,
    fields: &Fields,
) -> Result<Said, Failure> {
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
    let said = api.read_said(&holder, fields, &mut errors).await?;
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
    said.retries(policy, api, &mut errors);
    Ok(errors.finish(Some(said))?)
}

impl Said {
    fn apply(&self, present: Policy, api: &Api, now: Timestamp) -> Result<Policy, Failure> {
        let first = present.recipients.first();
        let recipient = first.expect("a policy has a recipient").clone();
        let refused = |rule| Failure::field(WEBHOOK_URL, rule);
        let moved = match &self.target {
            None => present,
            Some(target) => present
                .redirect_recipient(&recipient.id, target, now)
                .map_err(refused)?,
        };
        let mut errors = FieldErrors::default();
        let retry = self.retries(&moved, api, &mut errors);
        let retry = errors.finish(Some(retry))?;
        let event_types = self.event_types.clone().and_then(EventTypes::named);
        let change = PolicyChange {
            name: self.name.clone(),
            event_types,
            scope: self.scope.clone(),
            retry,
            status: self.status,
            health: Some(self.health(&recipient.target, &moved)),
            details: Some(self.details(&moved)),
            ..PolicyChange::default()
        };
        let next = moved.apply(change, &*api.random, now).map_err(refused)?;
        next.check_hints(EVENT_TYPES)
            .map_err(|rule| Failure::field(SCOPE_DATA, rule))?;
        Ok(next)
    }

    /// How its deliveries are tried again then; `None` where that stays. What breaks a rule is noted.
    fn retries(
        &self,
        present: &Policy,
        api: &Api,
        errors: &mut FieldErrors,
    ) -> Option<RetryPolicy> {
        let retries = self.retry.over(&retries_of(present));
        let asked = self.retry.says_retries();
        asked
            .then(|| retries.read(api.kept_for(), errors))
            .flatten()
    }

    /// How its health is known then. Where no URL was ever named for it, it follows the webhook's;
    /// what Herald's own routes made of it stays.
    ///
    /// * `before`: where its webhooks went.
    fn health(&self, before: &Target, moved: &Policy) -> Option<Health> {
        let withhold = self.retry.over(&retries_of(moved)).deactivate_flag;
        let said = moved.details.subscription.as_ref();
        let has_own = said.is_some_and(|said| said.has_health_url);
        let present = moved.health.as_ref();
        let present = present.map(|health| Target::Url(health.url.clone()));
        let named = self.health.as_ref();
        if named.is_none() && present.is_none() && !withhold {
            return None;
        }
        let present = present.filter(|url| has_own || url != before);
        let webhook = &moved.recipients.first()?.target;
        health(&named.cloned().or(present), webhook, withhold)
    }

    fn details(&self, present: &Policy) -> Details {
        let mut next = present.details.clone();
        next.description = self.description.clone().or(next.description);
        if let Some(subscription) = &mut next.subscription {
            // One that Herald's own routes took away is none any more.
            subscription.has_health_url &= present.health.is_some();
            subscription.has_health_url |= self.health.is_some();
            subscription.proxy_type = self.proxy_type.or(subscription.proxy_type);
            if let Some(attributes) = &self.retry.additional_attributes {
                subscription.additional_attributes = attributes.clone();
            }
            if let Some(product) = &self.product {
                subscription.product_id = product.clone();
            }
        }
        next
    }
}

fn retries_of(policy: &Policy) -> RetryView {
    let withholds = policy.health.as_ref().is_some_and(|it| it.withhold);
    RetryView::of(&policy.retry, withholds)
}
