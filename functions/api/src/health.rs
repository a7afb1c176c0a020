//! Whether the API is up.

use crate::Api;
use axum::{Router, response::IntoResponse, routing::get};
use http::header::CONTENT_TYPE;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Api>> {
    Router::new().route("/healthz", get(healthz))
}

async fn healthz() -> impl IntoResponse {
    let body = concat!(
        r#"{"status":"ok","version":""#,
        env!("CARGO_PKG_VERSION"),
        r#""}"#
    );
    ([(CONTENT_TYPE, "application/json")], body)
}
