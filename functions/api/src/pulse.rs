//! The Pulse dialect: webhooks as JSON:API resources, under `/api/v3/notification/webhooks`, and the
//! login with a key, under `/api/v3/iam/auth/api/login` (Ingedata Pulse, version 3).

mod attribute;
mod change;
mod create;
mod document;
mod error;
mod events;
mod fields;
mod list;
mod login;
mod number_path;
mod query;
mod test;
mod view;
mod webhooks;

use crate::{Api, http_signature::admit};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use error::{PulseError, method_not_allowed, unknown_route};
use std::sync::Arc;

/// What a path that names no webhook is told.
const NO_WEBHOOK: &str = "there is no such webhook";

pub(crate) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    let routes = Router::new()
        .route("/iam/auth/api/login", post(login::login))
        .route(
            "/notification/webhooks",
            get(list::list).post(create::create),
        )
        .route("/notification/webhooks/events", get(events::list))
        .route("/notification/webhooks/test/{id}", post(test::test))
        .route(
            "/notification/webhooks/{id}",
            get(webhooks::show)
                .patch(change::change)
                .delete(webhooks::delete),
        )
        .fallback(unknown_route)
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .nest("/api/v3", routes)
        .layer(from_fn_with_state(Arc::clone(api), admit::<PulseError>))
}
