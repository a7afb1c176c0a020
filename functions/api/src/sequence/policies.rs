//! `GET` and `DELETE /policies/{id}`.

use super::{NO_POLICY, error::SequenceError, view::PolicyView};
use crate::{Api, failure::Failure, policy_path::PolicyPath};
use ::herald::credential::Role;
use axum::{Json, extract::State};
use http::HeaderMap;
use std::sync::Arc;

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Read).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    Ok(Json(api.show_policy(&caller, policy).await?))
}

/// Deletes the policy and answers with it as it was; what it left unfinished is cancelled in the
/// background.
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    path: PolicyPath,
) -> Result<Json<PolicyView>, SequenceError> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.sequence_policy(caller.tenant(), path).await?;
    let deleted = api.delete_policy(&policy, |_| Ok(())).await?;
    let policy = deleted.ok_or(Failure::NotFound(NO_POLICY))?;
    Ok(Json(api.show_policy(&caller, policy).await?))
}
