//! `CF-Ray`: how Lune's answers name the request that they are about. On Lambda it is the id under
//! which the function logs it.

use crate::Api;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderValue;
use lambda_http::RequestExt;
use std::sync::Arc;

/// Names a request in its answer.
pub(super) async fn tell(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let context = request.lambda_context_ref();
    let id = context.map_or_else(
        || api.random.uuid().to_string(),
        |context| context.request_id.clone(),
    );
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("cf-ray", id);
    }
    response
}
