//! `/herald/v1/policies`: made here in Herald's own dialect; looked at, changed and deleted here
//! whatever their dialect.

mod change;
mod create;
mod fields;
mod list;
mod recipient;
mod recipients;
mod replays;
mod retry;
mod revival;
mod scope;
mod secret;
mod sending;
mod test;
mod view;

use super::{id_path::IdPath, problem::Problem};
use crate::{Api, caller::Caller, failure::Failure};
use ::herald::{credential::Role, policy::Policy};
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::ETAG};
use std::sync::Arc;
use view::PolicyView;

const NO_POLICY: Failure = Failure::NotFound("there is no such policy");

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/herald/v1/policies", get(list::list).post(create::create))
        .route(
            "/herald/v1/policies/{id}",
            get(show).patch(change::change).delete(delete),
        )
        .route("/herald/v1/policies/{id}/secret", get(secret::show))
        .route(
            "/herald/v1/policies/{id}/rotate-secret",
            post(secret::rotate),
        )
        .route("/herald/v1/policies/{id}/test", post(test::test))
        .route(
            "/herald/v1/policies/{id}/replays",
            get(replays::list).post(replays::create),
        )
        .route(
            "/herald/v1/policies/{id}/replays/{replay}",
            get(replays::show),
        )
        .route(
            "/herald/v1/policies/{id}/replays/{replay}/cancel",
            post(replays::cancel),
        )
        .route(
            "/herald/v1/policies/{id}/recipients/{recipient}",
            get(recipient::show),
        )
}

async fn show(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let policy = api.policy(&caller, &id).await?;
    Ok(api.shown(StatusCode::OK, &caller, policy).await?)
}

/// What it left unfinished is cancelled in the background.
async fn delete(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let is_meant = |present: &Policy| change::check_version(&headers, present);
    let deleted = api.delete_policy(&policy, is_meant).await?;
    deleted.ok_or(NO_POLICY)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The tag of a version, for `If-Match` (RFC 9110, section 8.8.3).
fn entity_tag(policy: &Policy) -> String {
    format!("\"{}\"", policy.version)
}

impl Api {
    async fn policy(&self, caller: &Caller, id: &str) -> Result<Policy, Failure> {
        let id = id.parse().map_err(|_| NO_POLICY)?;
        let policy = self.store.policy(caller.tenant(), id).await?;
        policy.ok_or(NO_POLICY)
    }

    /// An answer that shows a policy to a caller.
    async fn shown(
        &self,
        status: StatusCode,
        caller: &Caller,
        policy: Policy,
    ) -> Result<Response, Failure> {
        let tag = entity_tag(&policy);
        let probed = match &policy.health {
            Some(_) => self.store.probe_row((policy.owner, policy.id)).await?,
            None => None,
        };
        let last = probed.and_then(|row| row.last);
        let view: PolicyView = self.view_policy(caller, policy, last).await?;
        let mut response = (status, Json(view)).into_response();
        let tag = HeaderValue::from_str(&tag).expect("a number is plain text");
        response.headers_mut().insert(ETAG, tag);
        Ok(response)
    }
}
