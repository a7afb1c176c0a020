//! The CyberSource dialect: webhook subscriptions, under `/notification-subscriptions/v1`, the keys
//! that sign their webhooks, under `/kms/egress/v2/keys-sym`, and replays, under `/nrtf/v1`
//! (CyberSource's REST API, as its client libraries 0.0.59 to 0.0.65 have it).

mod change;
mod create;
mod error;
mod fields;
mod keys;
mod keys_error;
mod list;
mod organization;
mod products;
mod replays;
mod retry;
mod scope;
mod test;
mod view;
mod webhooks;

use crate::{Api, http_signature::admit};
use axum::{
    Router,
    middleware::{from_fn_with_state, map_response},
    response::Response,
    routing::{any, get, post},
};
use error::{CybersourceError, method_not_allowed, not_offered, unknown_route};
use http::{HeaderValue, header::CONTENT_TYPE};
use std::sync::Arc;

/// What a path that names no subscription is told.
const NO_WEBHOOK: &str = "there is no such webhook subscription";

/// What a path that names no account is told.
const NO_ORGANIZATION: &str = "there is no such organization within your reach";

/// The field that names the accounts of a scope.
pub(crate) const SCOPE_DATA: &str = "scopeData";

pub(crate) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    let subscriptions = Router::new()
        .route("/products/{organization}", get(products::list))
        .route("/webhooks", get(list::list).post(create::create))
        .route(
            "/webhooks/{id}",
            get(webhooks::show)
                .patch(change::change)
                .delete(webhooks::delete)
                .post(test::test),
        )
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    let keys = Router::new()
        .route("/keys-sym", post(keys::create))
        .route("/keys-asym", any(not_offered))
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    let replays = Router::new()
        .route("/webhooks/{id}/replays", post(replays::create))
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/notification-subscriptions/v1", subscriptions)
        .route("/notification-subscriptions/v2/{*rest}", any(not_offered))
        .nest("/kms/egress/v2", keys)
        .nest("/nrtf/v1", replays)
        .layer(from_fn_with_state(
            Arc::clone(api),
            admit::<CybersourceError>,
        ))
        .layer(map_response(tell_charset))
}

/// Every body is JSON, and says its charset as CyberSource's do.
async fn tell_charset(mut response: Response) -> Response {
    if let Some(kind) = response.headers_mut().get_mut(CONTENT_TYPE) {
        *kind = HeaderValue::from_static("application/json;charset=utf-8");
    }
    response
}
