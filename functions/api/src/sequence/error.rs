//! Errors in Sequence's shape: `{"errors":[{"key","error"}]}`.

use crate::failure::{Failure, NO_METHOD, NO_ROUTE, OUR_FAULT};
use crate::idempotency::NAME;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use serde::Serialize;

/// A failure, told as Sequence would.
#[derive(Debug)]
pub(super) struct SequenceError(Failure);

#[derive(Serialize)]
struct Body {
    errors: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    key: String,
    error: String,
}

#[derive(Serialize)]
struct VersionBody {
    error: VersionError,
}

#[derive(Serialize)]
struct VersionError {
    r#type: &'static str,
    message: String,
}

impl<F: Into<Failure>> From<F> for SequenceError {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for SequenceError {
    fn into_response(self) -> Response {
        self.0.log();
        match self.0 {
            Failure::Invalid(errors) => {
                let errors = errors.into_iter().map(|error| Entry {
                    key: error.field,
                    error: error.rule.to_string(),
                });
                let errors = errors.collect();
                (StatusCode::BAD_REQUEST, Json(Body { errors })).into_response()
            }
            Failure::Unauthenticated => {
                let error = "a known client id and client secret are needed";
                let mut response = one(StatusCode::UNAUTHORIZED, "Authorization", error);
                let scheme = HeaderValue::from_static("Basic realm=\"herald\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                response
            }
            Failure::Forbidden(error) => one(StatusCode::FORBIDDEN, "Authorization", error),
            Failure::NotFound(error) => one(StatusCode::NOT_FOUND, "id", error),
            Failure::Conflict(error) => one(StatusCode::CONFLICT, NAME, &error),
            Failure::Precondition(error) => {
                one(StatusCode::PRECONDITION_FAILED, "If-Match", &error)
            }
            Failure::TooLarge(error) => one(StatusCode::PAYLOAD_TOO_LARGE, "body", error),
            Failure::Internal(_) => one(StatusCode::INTERNAL_SERVER_ERROR, "server", OUR_FAULT),
        }
    }
}

/// The answer to a version that is not known, in the shape that Sequence documents for it.
pub(super) fn unknown_version(asked: &HeaderValue) -> Response {
    let asked = String::from_utf8_lossy(asked.as_bytes());
    let error = VersionError {
        r#type: "UnrecognisedApiVersion",
        message: format!(
            "{asked} is not a version of this API; {} is",
            super::VERSION.name
        ),
    };
    (StatusCode::BAD_REQUEST, Json(VersionBody { error })).into_response()
}

/// The answer for a path below the policies that does not exist.
pub(super) async fn unknown_route() -> Response {
    one(StatusCode::NOT_FOUND, "path", NO_ROUTE)
}

/// The answer for a method that a path does not have.
pub(super) async fn method_not_allowed() -> Response {
    one(StatusCode::METHOD_NOT_ALLOWED, "method", NO_METHOD)
}

fn one(status: StatusCode, key: &str, error: &str) -> Response {
    let entry = Entry {
        key: key.to_owned(),
        error: error.to_owned(),
    };
    let errors = vec![entry];
    (status, Json(Body { errors })).into_response()
}
