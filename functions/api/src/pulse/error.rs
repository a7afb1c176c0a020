//! Errors in the shape of JSON:API, with the titles that Pulse's open framework gives them:
//! `{"errors":[{"status","title","detail","source"}]}`, one for each rule that is broken.

use super::document::JsonApi;
use crate::{
    caller::{ACT_FOR, SCHEMES},
    failure::{Failure, NO_METHOD, NO_ROUTE, OUR_FAULT},
    idempotency,
};
use ::herald::{invalid::FieldError, store::MAX_NUMBERED};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use serde::Serialize;

/// Why a request is not done, told as Pulse would.
#[derive(Debug)]
pub(super) enum PulseError {
    /// For a reason that every dialect has.
    Failure(Failure),
    /// A login with a key that opens nothing.
    UnknownKey,
    /// The account has as many webhooks as it may.
    Full,
    /// The body is no JSON.
    NotJson,
    /// The body says that it is something else than JSON.
    MediaType,
}

#[derive(Serialize)]
struct Body {
    errors: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    status: Told,
    title: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

/// A status: an integer where a rule is broken, else a text, as Pulse's framework has it.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    Number(u16),
    Text(String),
}

/// What an error is about (JSON:API 1.1, "Error Objects").
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    /// A place in the body (RFC 6901).
    Pointer(String),
    /// A parameter of the query.
    Parameter(String),
    /// A header.
    Header(String),
}

impl<F: Into<Failure>> From<F> for PulseError {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

impl IntoResponse for PulseError {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(failure) => tell(failure),
            Self::UnknownKey => unauthorized("the key is not known"),
            Self::Full => {
                let detail = format!("an account has at most {MAX_NUMBERED} webhooks in a mode");
                let title = "Verse::Error::CannotCreateRecord";
                refusal(StatusCode::UNPROCESSABLE_ENTITY, title, &detail)
            }
            Self::NotJson => refusal(
                StatusCode::BAD_REQUEST,
                "Verse::Error::BadRequest",
                "the body must be valid JSON",
            ),
            Self::MediaType => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be application/vnd.api+json or application/json",
            ),
        }
    }
}

fn tell(failure: Failure) -> Response {
    failure.log();
    match failure {
        Failure::Invalid(errors) => {
            let errors = errors.into_iter().map(invalid).collect();
            answer(StatusCode::UNPROCESSABLE_ENTITY, errors)
        }
        Failure::Unauthenticated => unauthorized(
            "a credential is needed, as Authorization: Bearer: its secret, or the token of a login \
             with it that is not over",
        ),
        Failure::Forbidden(detail) => {
            refusal(StatusCode::FORBIDDEN, "Verse::Error::Unauthorized", detail)
        }
        Failure::NotFound(detail) => refusal(
            StatusCode::NOT_FOUND,
            "Verse::Error::RecordNotFound",
            detail,
        ),
        Failure::Conflict(detail) => {
            let entry = Entry {
                source: Some(Source::Header(idempotency::NAME.to_owned())),
                ..entry(StatusCode::CONFLICT, "Conflict", &detail)
            };
            answer(StatusCode::CONFLICT, vec![entry])
        }
        Failure::Precondition(detail) => plain(StatusCode::PRECONDITION_FAILED, &detail),
        Failure::TooLarge(detail) => plain(StatusCode::PAYLOAD_TOO_LARGE, detail),
        Failure::Internal(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, OUR_FAULT),
    }
}

/// A rule that is broken.
fn invalid(error: FieldError) -> Entry {
    let FieldError { field, rule } = error;
    let is_header = [ACT_FOR, idempotency::NAME].contains(&field.as_str());
    let source = if is_header {
        Source::Header(field)
    } else if field.is_empty() || field.starts_with('/') {
        Source::Pointer(field)
    } else {
        Source::Parameter(field)
    };
    Entry {
        status: Told::Number(StatusCode::UNPROCESSABLE_ENTITY.as_u16()),
        title: "Verse::Error::ValidationFailed",
        detail: rule.to_string(),
        source: Some(source),
    }
}

/// The answer for a path below Pulse's that does not exist.
pub(super) async fn unknown_route() -> Response {
    refusal(StatusCode::NOT_FOUND, "Verse::Error::NotFound", NO_ROUTE)
}

/// The answer for a method that a path does not have.
pub(super) async fn method_not_allowed() -> Response {
    plain(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD)
}

fn unauthorized(detail: &str) -> Response {
    let title = "Verse::Error::Authorization";
    let mut response = refusal(StatusCode::UNAUTHORIZED, title, detail);
    let schemes = HeaderValue::from_static(SCHEMES);
    response.headers_mut().insert(WWW_AUTHENTICATE, schemes);
    response
}

/// What Pulse's framework has no title for bears that of its status.
fn plain(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    refusal(status, title, detail)
}

fn refusal(status: StatusCode, title: &'static str, detail: &str) -> Response {
    answer(status, vec![entry(status, title, detail)])
}

fn entry(status: StatusCode, title: &'static str, detail: &str) -> Entry {
    Entry {
        status: Told::Text(status.as_str().to_owned()),
        title,
        detail: detail.to_owned(),
        source: None,
    }
}

fn answer(status: StatusCode, errors: Vec<Entry>) -> Response {
    JsonApi(status, Body { errors }).into_response()
}
