//! Errors of Herald's own routes: problem details (RFC 9457).

use crate::{
    caller::SCHEMES,
    failure::{Failure, NO_METHOD, NO_ROUTE, OUR_FAULT},
};
use ::herald::invalid::FieldError;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde::Serialize;
use std::borrow::Cow;

/// A failure, told as a problem.
#[derive(Debug)]
pub(crate) struct Problem(Failure);

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    #[serde(flatten)]
    told: &'a Told,
}

#[derive(Debug, Serialize)]
struct BodyError {
    field: String,
    detail: String,
}

impl<F: Into<Failure>> From<F> for Problem {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

/// What a caller is told of a failure.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    #[serde(skip)]
    status: StatusCode,
    detail: Cow<'static, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<BodyError>,
}

impl Told {
    /// Tells of a failure; what is our own fault is logged, once, here.
    pub(super) fn of(failure: Failure) -> Self {
        failure.log();
        let (status, detail): (_, Cow<'static, str>) = match failure {
            Failure::Invalid(errors) => return Self::of_errors(errors),
            Failure::Unauthenticated => (StatusCode::UNAUTHORIZED, NEEDS_CREDENTIAL.into()),
            Failure::Forbidden(detail) => (StatusCode::FORBIDDEN, detail.into()),
            Failure::NotFound(detail) => (StatusCode::NOT_FOUND, detail.into()),
            Failure::Conflict(detail) => (StatusCode::CONFLICT, detail.into()),
            Failure::Precondition(detail) => (StatusCode::PRECONDITION_FAILED, detail.into()),
            Failure::TooLarge(detail) => (StatusCode::PAYLOAD_TOO_LARGE, detail.into()),
            Failure::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, OUR_FAULT.into()),
        };
        Self {
            status,
            detail,
            errors: Vec::new(),
        }
    }

    fn of_errors(errors: Vec<FieldError>) -> Self {
        let detail: Vec<_> = errors.iter().map(ToString::to_string).collect();
        let errors = errors.into_iter().map(|error| BodyError {
            field: error.field,
            detail: error.rule.to_string(),
        });
        Self {
            status: StatusCode::BAD_REQUEST,
            detail: detail.join("; ").into(),
            errors: errors.collect(),
        }
    }

    /// The status that goes with it.
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            told: &self,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(SCHEMES));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Told::of(self.0).into_response()
    }
}

/// What a caller without a known credential is told.
const NEEDS_CREDENTIAL: &str =
    "a known credential is needed, as Basic (id and secret) or Bearer (secret)";

/// The answer for a path that no dialect has.
pub(crate) async fn unknown_route() -> Response {
    Problem(Failure::NotFound(NO_ROUTE)).into_response()
}

/// The answer for a method that a path does not have.
pub(crate) async fn method_not_allowed() -> Response {
    let told = Told {
        status: StatusCode::METHOD_NOT_ALLOWED,
        detail: NO_METHOD.into(),
        errors: Vec::new(),
    };
    told.into_response()
}
