//! Errors in CyberSource's shape: `{"reason","message","details":[{"field","reason"}]}`.

use crate::{
    caller::SCHEMES,
    failure::{Failure, NO_METHOD, NO_ROUTE, OUR_FAULT},
};
use ::herald::invalid::FieldError;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use serde::Serialize;

/// Why a request is not done, told as CyberSource would.
#[derive(Debug)]
pub(super) struct CybersourceError(Failure);

#[derive(Serialize)]
struct Body {
    reason: &'static str,
    message: String,
    details: Vec<Detail>,
}

/// What is wrong with a field.
#[derive(Debug, Serialize)]
pub(super) struct Detail {
    field: String,
    reason: String,
}

impl<F: Into<Failure>> From<F> for CybersourceError {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

/// What is wrong with the fields of a body: the reason for all of them, and each one's.
pub(super) fn told(errors: Vec<FieldError>) -> (&'static str, Vec<Detail>) {
    let is_missing = |error: &FieldError| error.rule.is_missing();
    let reason = if errors.iter().all(is_missing) {
        "MISSING_FIELD"
    } else {
        "INVALID_DATA"
    };
    let detail = |error: FieldError| Detail {
        reason: error.rule.to_string(),
        field: error.field,
    };
    (reason, errors.into_iter().map(detail).collect())
}

impl IntoResponse for CybersourceError {
    fn into_response(self) -> Response {
        self.0.log();
        let plain = |status, reason, message: &str| refusal(status, reason, message, Vec::new());
        match self.0 {
            Failure::Invalid(errors) => {
                let rules: Vec<_> = errors.iter().map(ToString::to_string).collect();
                let (reason, details) = told(errors);
                refusal(StatusCode::BAD_REQUEST, reason, &rules.join("; "), details)
            }
            Failure::Unauthenticated => {
                let message = "a known credential is needed, as HTTP Signature, Basic or Bearer";
                let mut response = plain(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
                let schemes = HeaderValue::from_static(SCHEMES);
                response.headers_mut().insert(WWW_AUTHENTICATE, schemes);
                response
            }
            Failure::Forbidden(detail) => plain(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            Failure::NotFound(detail) => plain(StatusCode::NOT_FOUND, "NOT_FOUND", detail),
            Failure::Conflict(detail) => plain(StatusCode::CONFLICT, "CONFLICT", &detail),
            Failure::Precondition(detail) => {
                plain(StatusCode::PRECONDITION_FAILED, "CONFLICT", &detail)
            }
            Failure::TooLarge(detail) => {
                plain(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", detail)
            }
            Failure::Internal(_) => {
                plain(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", OUR_FAULT)
            }
        }
    }
}

/// The answer for what CyberSource has and Herald has not.
pub(super) async fn not_offered() -> Response {
    let message = "is not offered here: subscriptions are at /notification-subscriptions/v1, and \
                   keys at /kms/egress/v2/keys-sym";
    refusal(
        StatusCode::NOT_IMPLEMENTED,
        "NOT_OFFERED",
        &format!("this path {message}"),
        Vec::new(),
    )
}

/// The answer for a path below CyberSource's that does not exist.
pub(super) async fn unknown_route() -> Response {
    refusal(StatusCode::NOT_FOUND, "NOT_FOUND", NO_ROUTE, Vec::new())
}

/// The answer for a method that a path does not have.
pub(super) async fn method_not_allowed() -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    refusal(status, "METHOD_NOT_ALLOWED", NO_METHOD, Vec::new())
}

fn refusal(
    status: StatusCode,
    reason: &'static str,
    message: &str,
    details: Vec<Detail>,
) -> Response {
    let message = message.to_owned();
    let body = Body {
        reason,
        message,
        details,
    };
    (status, Json(body)).into_response()
}
