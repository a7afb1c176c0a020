//! The Sequence dialect: notification policies, under `/api/notifications/policies`
//! (Sequence API, version 2024-07-30).

mod channel;
mod create;
mod error;
mod event_types;
mod list;
mod parse;
mod policies;
mod recipients;
mod view;

use crate::{
    Api,
    api_version::{self, ApiVersion},
    http_signature::admit,
};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, delete, get, post},
};
use error::{SequenceError, method_not_allowed, unknown_route, unknown_version};
use std::sync::Arc;

/// The version that is answered.
const VERSION: ApiVersion = ApiVersion {
    header: "sequence-version",
    name: "2024-07-30",
    refuse: unknown_version,
};

pub(crate) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    let policies = Router::new()
        .route("/", get(list::list).post(create::create))
        .route("/{id}", get(policies::show).delete(policies::delete))
        .route("/{id}/notification-types", post(event_types::add))
        .route(
            "/{id}/notification-types/{type}",
            delete(event_types::remove),
        )
        .route(
            "/{id}/recipients",
            post(recipients::add).delete(recipients::remove),
        )
        .route("/{id}/recipients/{*recipient}", delete(recipients::remove))
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/api/notifications/policies", policies)
        // A nested router does not see the path with nothing but a slash after it.
        .route("/api/notifications/policies/", any(unknown_route))
        .layer(from_fn_with_state(Arc::clone(api), admit::<SequenceError>))
        .layer(from_fn_with_state(VERSION, api_version::check))
}

/// What a path that names no policy is told.
const NO_POLICY: &str = "there is no such policy";
