//! Errors of Herald's own routes: problem details (RFC 9457).

use crate::failure::{Failure, NO_METHOD, NO_ROUTE, OUR_FAULT};
use axum::{
    Json,
    extract::rejection::BytesRejection,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde::Serialize;

/// A failure, told as a problem.
#[derive(Debug)]
pub(crate) struct Problem(Failure);

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<BodyError>,
}

#[derive(Serialize)]
struct BodyError {
    field: String,
    detail: String,
}

impl<F: Into<Failure>> From<F> for Problem {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl From<BytesRejection> for Failure {
    fn from(_: BytesRejection) -> Self {
        Self::TooLarge("the body is larger than 1 MiB, or was cut off")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.0.log();
        match self.0 {
            Failure::Invalid(errors) => {
                let detail: Vec<_> = errors.iter().map(ToString::to_string).collect();
                let errors = errors.into_iter().map(|error| BodyError {
                    field: error.field,
                    detail: error.rule.to_string(),
                });
                respond(
                    StatusCode::BAD_REQUEST,
                    &detail.join("; "),
                    errors.collect(),
                )
            }
            Failure::Unauthenticated => {
                let detail =
                    "a known credential is needed, as Basic (id and secret) or Bearer (secret)";
                let mut response = respond(StatusCode::UNAUTHORIZED, detail, Vec::new());
                let scheme =
                    HeaderValue::from_static("Basic realm=\"herald\", Bearer realm=\"herald\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                response
            }
            Failure::Forbidden(detail) => respond(StatusCode::FORBIDDEN, detail, Vec::new()),
            Failure::NotFound(detail) => respond(StatusCode::NOT_FOUND, detail, Vec::new()),
            Failure::Conflict(detail) => respond(StatusCode::CONFLICT, &detail, Vec::new()),
            Failure::TooLarge(detail) => respond(StatusCode::PAYLOAD_TOO_LARGE, detail, Vec::new()),
            Failure::Internal(_) => {
                respond(StatusCode::INTERNAL_SERVER_ERROR, OUR_FAULT, Vec::new())
            }
        }
    }
}

/// The answer for a path that no dialect has.
pub(crate) async fn unknown_route() -> Response {
    Problem(Failure::NotFound(NO_ROUTE)).into_response()
}

/// The answer for a method that a path does not have.
pub(crate) async fn method_not_allowed() -> Response {
    respond(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD, Vec::new())
}

fn respond(status: StatusCode, detail: &str, errors: Vec<BodyError>) -> Response {
    let body = Body {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        errors,
    };
    let mut response = (status, Json(body)).into_response();
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
