//! The Lune dialect: webhooks, under `/v1/webhooks` (Lune API, version 2024-08-08).

mod create;
mod error;
mod list;
mod parse;
mod request;
mod request_id;
mod update;
mod url_pattern;
mod view;
mod webhooks;

use crate::{
    Api,
    api_version::{self, ApiVersion},
    http_signature::admit,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{any, get, put},
};
use error::{LuneError, method_not_allowed, unknown_route, unknown_version};
use std::sync::Arc;

/// The version that is answered.
const VERSION: ApiVersion = ApiVersion {
    header: "lune-version",
    name: "2024-08-08",
    refuse: unknown_version,
};

/// The largest body of a request, in bytes: Lune takes 100 kB.
const MAX_BODY_BYTES: usize = 100_000;

/// What a path that names no webhook is told.
const NO_WEBHOOK: &str = "there is no such webhook";

pub(crate) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    let webhooks = Router::new()
        .route("/", get(list::list).post(create::create))
        .route(
            "/{id}",
            get(webhooks::show)
                .put(update::update)
                .delete(webhooks::delete),
        )
        .route("/{id}/rotate-secret", put(webhooks::rotate_secret))
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    Router::new()
        .nest("/v1/webhooks", webhooks)
        // A nested router does not see the path with nothing but a slash after it.
        .route("/v1/webhooks/", any(unknown_route))
        .layer(from_fn_with_state(Arc::clone(api), admit::<LuneError>))
        .layer(from_fn_with_state(VERSION, api_version::check))
        .layer(from_fn_with_state(Arc::clone(api), request_id::tell))
}
