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
    store::Idempotency,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::{HeaderMap, HeaderName};
use std::sync::Arc;

/// The most webhooks of an account in a mode (our choice: Lune has a limit and does not say
/// which). Their list has no pages: so many of the largest make 0.65 of the 6 MB of an answer.
pub(super) const MAX_WEBHOOKS: usize = 100;

/// What a webhook is called where policies have names: Lune gives it none.
const NAME: &str = "Lune webhook";

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<([(HeaderName, &'static str); 1], Json<WebhookView>), LuneError> {
    let caller = api.lune_caller(&headers, Role::Manage).await?;
    let body = read_body(&headers, body)?;
    let key = idempotency::key(&headers).map_err(|rule| Failure::field(idempotency::NAME, rule))?;
    let idempotency = key.map(|key| Idempotency::new(key, &body));
    let wanted = read_wanted(&api, &caller, &Fields::parse(&body)?).await?;
    api.require_room(&caller, idempotency.as_ref()).await?;
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

impl Api {
    /// Refuses one webhook too many. A request that is repeated makes none, and is let pass.
    async fn require_room(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<(), LuneError> {
        let owner = caller.tenant();
        let is_webhook = |policy: &_| super::list::is_webhook(policy);
        let counted = self.store.count_policies(owner, MAX_WEBHOOKS, is_webhook);
        if counted.await? < MAX_WEBHOOKS || self.was_made_before(owner, idempotency).await? {
            return Ok(());
        }
        Err(LuneError::LimitReached)
    }
}
