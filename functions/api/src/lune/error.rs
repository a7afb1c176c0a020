//! Errors in Lune's shape: `{"errors":[{"error_code","message"}],"error":{…}}`, the same one twice,
//! for what Lune documents so; a line of text for the rest, which it gives no schema.

use super::{VERSION, request::MAX_PER_SECOND};
use crate::{
    caller::{ACT_FOR, LUNE_ACCOUNT, SCHEMES},
    failure::{Failure, NO_METHOD, NO_ROUTE},
    idempotency,
    unpaged::MAX_UNPAGED,
};
use ::herald::invalid::FieldError;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;

/// Why a request is not done, told as Lune would.
#[derive(Debug)]
pub(super) enum LuneError {
    /// For a reason that every dialect has.
    Failure(Failure),
    /// The account has as many webhooks as it may.
    LimitReached,
    /// The credential makes more requests than it may.
    TooManyRequests,
    /// The body says that it is something else than JSON.
    NotJson,
}

#[derive(Serialize)]
struct Body<'a> {
    errors: [Entry<'a>; 1],
    error: Entry<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct Entry<'a> {
    error_code: &'static str,
    message: &'a str,
}

impl<F: Into<Failure>> From<F> for LuneError {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

impl IntoResponse for LuneError {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(failure) => tell(failure),
            Self::LimitReached => {
                let message = format!("an account has at most {MAX_UNPAGED} webhooks in a mode");
                bad_request("webhook_limit_reached", &message)
            }
            Self::TooManyRequests => {
                let detail = format!("at most {MAX_PER_SECOND} requests per second");
                let mut response = plain(StatusCode::TOO_MANY_REQUESTS, &detail);
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
                response
            }
            Self::NotJson => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be application/json",
            ),
        }
    }
}

fn tell(failure: Failure) -> Response {
    failure.log();
    match failure {
        Failure::Invalid(errors) => {
            let rules: Vec<_> = errors.iter().map(ToString::to_string).collect();
            bad_request(code_of(&errors), &rules.join("; "))
        }
        Failure::Unauthenticated => {
            let message = "a known API key is needed, as Authorization: Bearer";
            let mut response = coded(StatusCode::UNAUTHORIZED, "unauthorised", message);
            let schemes = HeaderValue::from_static(SCHEMES);
            response.headers_mut().insert(WWW_AUTHENTICATE, schemes);
            response
        }
        Failure::Conflict(detail) => {
            let message = format!("{} {detail}", idempotency::NAME);
            coded(StatusCode::CONFLICT, INVALID, &message)
        }
        Failure::Forbidden(detail) => plain(StatusCode::FORBIDDEN, detail),
        Failure::NotFound(detail) => plain(StatusCode::NOT_FOUND, detail),
        Failure::Precondition(detail) => plain(StatusCode::PRECONDITION_FAILED, &detail),
        Failure::TooLarge(_) => plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 100 kB, or was cut off",
        ),
        Failure::Internal(_) => text(StatusCode::INTERNAL_SERVER_ERROR, ""),
    }
}

/// The code of what breaks a rule.
const INVALID: &str = "validation_error";

/// The code of some errors: of accounts that are not there, if that is all that is wrong.
fn code_of(errors: &[FieldError]) -> &'static str {
    let names_account = |error: &FieldError| {
        let field = error.field.as_str();
        field == LUNE_ACCOUNT || field == ACT_FOR || field.starts_with("account_ids[")
    };
    if errors.iter().all(names_account) {
        "id_invalid"
    } else {
        INVALID
    }
}

/// The answer to a version that is not known.
pub(super) fn unknown_version(asked: &HeaderValue) -> Response {
    let asked = String::from_utf8_lossy(asked.as_bytes());
    let message = format!("{asked} is not a version of this API; {} is", VERSION.name);
    bad_request("api_version_invalid", &message)
}

/// The answer for a path below the webhooks that does not exist.
pub(super) async fn unknown_route() -> Response {
    plain(StatusCode::NOT_FOUND, NO_ROUTE)
}

/// The answer for a method that a path does not have.
pub(super) async fn method_not_allowed() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD)
}

fn bad_request(error_code: &'static str, message: &str) -> Response {
    coded(StatusCode::BAD_REQUEST, error_code, message)
}

fn coded(status: StatusCode, error_code: &'static str, message: &str) -> Response {
    let error = Entry {
        error_code,
        message,
    };
    let errors = [error];
    (status, Json(Body { errors, error })).into_response()
}

fn plain(status: StatusCode, detail: &str) -> Response {
    text(status, &format!(": {detail}"))
}

/// The status in words, and what follows it.
fn text(status: StatusCode, rest: &str) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    (status, format!("{reason}{rest}\n")).into_response()
}
