//! `/herald/v1/suppressions`: the addresses that no policy of the caller's account sends to,
//! because a mail came back for good.

use super::{
    parameters::{Listed, Pagination, Parameters},
    problem::Problem,
};
use crate::{Api, failure::Failure};
use ::herald::{
    credential::Role,
    email::EmailAddress,
    invalid::Invalid,
    page_cursor,
    policy::Policy,
    recipient::SuspensionReason,
    suppression::{Suppression, compared},
    tenant::Tenant,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::PathRejection},
    routing::{delete, get},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};

#[derive(Debug, Serialize)]
struct SuppressionView {
    address: EmailAddress,
    reason: SuspensionReason,
    since: Timestamp,
    /// What the mailbox's side said.
    error: String,
}

impl From<Suppression> for SuppressionView {
    fn from(suppression: Suppression) -> Self {
        Self {
            address: suppression.address,
            reason: SuspensionReason::Bounced,
            since: suppression.since,
            error: suppression.error,
        }
    }
}

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/herald/v1/suppressions", get(list))
        // Gateways decode paths, and an address may hold a slash.
        .route("/herald/v1/suppressions/{*address}", delete(lift))
}

/// By address.
async fn list(
    State(api): State<Arc<Api>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<Listed<SuppressionView>>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let mut parameters = Parameters::new(&query, &["limit", "after"]);
    let after = parameters.read("after", position);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let page = api
        .store
        .suppressions(caller.tenant(), after, limit)
        .await?;
    Ok(Json(Listed {
        items: page.suppressions.into_iter().map(Into::into).collect(),
        pagination: Pagination {
            after: page.next.map(|next| page_cursor::encode(&next)),
        },
    }))
}

/// Takes an address off the list; the recipients that it suspended hear again. A repetition does
/// what a crash left undone.
async fn lift(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let not_there = || Failure::NotFound("the address is not on the list");
    let Path(address) = path.map_err(|_| not_there())?;
    let address: EmailAddress = address.parse().map_err(|_| not_there())?;
    let lifted = api
        .store
        .lift_suppression(caller.tenant(), &address)
        .await?;
    let revived = api.revive(caller.tenant(), &address).await?;
    if lifted || revived {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_there().into())
    }
}

/// Where a page goes on: after an address.
fn position(cursor: &str) -> Result<String, Invalid> {
    let address: EmailAddress = page_cursor::decode::<String>(cursor)?.parse()?;
    Ok(compared(&address))
}

impl Api {
    /// Lets every recipient hear again that a bounce of its address suspended; says whether there
    /// was one.
    async fn revive(&self, owner: Tenant, address: &EmailAddress) -> Result<bool, Failure> {
        let now = self.clock.now();
        let revive =
            |policy: Policy| policy.revive_address(address, SuspensionReason::Bounced, now);
        let revived = self.store.change_policies(owner, revive).await?;
        Ok(revived > 0)
    }
}
