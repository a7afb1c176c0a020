//! `POST /policies/{id}/notification-types` and `DELETE …/{type}`.

use super::{NO_POLICY, error::SequenceError, parse, view::PolicyView};
use crate::{
    Api, caller::Caller, failure::Failure, policy_fields::ACCOUNTS, policy_path::PolicyPath,
};
use ::herald::{
    credential::Role, event_type::EventType, fields::Fields, invalid::FieldErrors, policy::Policy,
};
use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
};
use http::HeaderMap;
use std::sync::Arc;

pub(super) async fn add(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    let fields = Fields::parse(&body.map_err(Failure::from)?)?;
    let mut errors = FieldErrors::default();
    fields.require(&[parse::TYPES.name], &mut errors);
    let types = api.named_types(parse::TYPES, &fields, &mut errors).await?;
    let types = errors.finish(types)?;
    let now = api.clock.now();
    let refused = |rule| Failure::field(parse::TYPES.name, rule);
    api.change(&caller, &policy, |policy| {
        let changed = policy.add_event_types(types.clone(), now);
        let changed = changed.map_err(refused)?;
        changed.check_hints(ACCOUNTS).map_err(refused)?;
        Ok(changed)
    })
    .await
}

pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
    named: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    let Path((_, name)) = named.map_err(|_| Failure::NotFound(NO_POLICY))?;
    let refused = |rule| Failure::field("notificationType", rule);
    // Whether the catalogue still knows it or not.
    let event_type: EventType = name.parse().map_err(refused)?;
    let now = api.clock.now();
    api.change(&caller, &policy, |policy| {
        policy.remove_event_type(&event_type, now).map_err(refused)
    })
    .await
}

impl Api {
    /// Changes a policy, and shows it as it is then.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        policy: &Policy,
        change: impl Fn(Policy) -> Result<Policy, Failure>,
    ) -> Result<Json<PolicyView>, SequenceError> {
        let changed = self.change_policy(policy, change).await?;
        let changed = changed.ok_or(Failure::NotFound(NO_POLICY))?;
        Ok(Json(self.show_policy(caller, changed).await?))
    }
}
