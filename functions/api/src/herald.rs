//! Herald's own routes, under `/herald/v1`.

mod accounts;
mod credentials;
mod deliveries;
mod delivery_filter;
mod delivery_list;
mod delivery_view;
mod event_types;
mod events;
mod id_path;
mod newest_attempts;
mod parameters;
mod policies;
mod problem;
mod recipient_view;
mod report_fields;
mod reports;
mod suppressions;
mod unrecorded;
mod unsubscribe;

use crate::{Api, http_signature::admit};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use problem::Problem;
pub(crate) use problem::{method_not_allowed, unknown_route};
use std::sync::Arc;

pub(crate) fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    Router::new()
        .merge(accounts::routes())
        .merge(credentials::routes())
        .merge(policies::routes())
        .merge(event_types::routes())
        .merge(suppressions::routes())
        .merge(unsubscribe::routes())
        .route("/herald/v1/events", post(reports::report))
        .route("/herald/v1/events/batch", post(reports::report_batch))
        .route("/herald/v1/events/{id}", get(events::show))
        .route("/herald/v1/deliveries", get(delivery_list::list))
        .route("/herald/v1/deliveries/{id}", get(deliveries::show))
        .route("/herald/v1/deliveries/{id}/retry", post(deliveries::retry))
        .route(
            "/herald/v1/deliveries/{id}/cancel",
            post(deliveries::cancel),
        )
        .layer(from_fn_with_state(Arc::clone(api), admit::<Problem>))
}
