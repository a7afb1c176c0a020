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

use crate::Api;
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, delete, get, post},
};
use error::{method_not_allowed, unknown_route, unknown_version};
use http::HeaderValue;
use std::sync::Arc;

/// The header that selects, and tells, the version.
const VERSION_HEADER: &str = "sequence-version";

/// The one version that is answered.
const VERSION: &str = "2024-07-30";

pub(crate) fn routes() -> Router<Arc<Api>> {
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
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn(version));
    // A nested router does not see the path with nothing but a slash after it.
    let slash = any(unknown_route).layer(middleware::from_fn(version));
    Router::new()
        .nest("/api/notifications/policies", policies)
        .route("/api/notifications/policies/", slash)
}

/// Refuses versions that are not known, and tells the version with every answer.
async fn version(request: Request, next: Next) -> Response {
    let asked = request.headers().get(VERSION_HEADER);
    let mut response = match asked {
        Some(asked) if asked != VERSION => unknown_version(asked).into_response(),
        _ => next.run(request).await,
    };
    let version = HeaderValue::from_static(VERSION);
    response.headers_mut().insert(VERSION_HEADER, version);
    response
}

/// What a path that names no policy is told.
const NO_POLICY: &str = "there is no such policy";
