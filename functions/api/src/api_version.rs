//! The version of a published interface: clients may ask for it, and every answer tells it.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderValue;

/// The one version of an interface that is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ApiVersion {
    /// The header that selects it, and tells it, in lower case.
    pub(crate) header: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The answer to whoever asks for another, in the interface's own shape.
    pub(crate) refuse: fn(&HeaderValue) -> Response,
}

/// Refuses versions that are not known, and tells the version with every answer.
pub(crate) async fn check(
    State(version): State<ApiVersion>,
    request: Request,
    next: Next,
) -> Response {
    let asked = request.headers().get(version.header);
    let mut response = match asked {
        Some(asked) if asked != version.name => (version.refuse)(asked),
        _ => next.run(request).await,
    };
    let name = HeaderValue::from_static(version.name);
    response.headers_mut().insert(version.header, name);
    response
}
