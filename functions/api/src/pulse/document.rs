//! Documents of JSON:API, as they come in and go out.

use super::error::PulseError;
use crate::{failure::Failure, media_type::may_be_json};
use ::herald::{
    fields::{Fields, JSON, TEXT},
    invalid::{FieldError, FieldErrors, Invalid},
};
use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// The type of webhooks, in documents and in parameters.
pub(super) const TYPE: &str = "notification/webhooks";

/// The media type of all answers.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/vnd.api+json");

/// No cache keeps what holds secrets (RFC 9111, section 5.2.2.5), as most answers here do.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// An answer.
pub(super) struct JsonApi<T>(pub(super) StatusCode, pub(super) T);

/// What an answer is about: one resource, or a list of them.
#[derive(Debug, Serialize)]
pub(super) struct Data<T> {
    pub(super) data: T,
}

impl<T: Serialize> IntoResponse for JsonApi<T> {
    fn into_response(self) -> Response {
        let Self(status, document) = self;
        let bytes = serde_json::to_vec(&document).expect("a document is JSON");
        rendered(status, bytes)
    }
}

/// An answer that is written already.
pub(super) fn rendered(status: StatusCode, document: Vec<u8>) -> Response {
    let headers = [(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, NOT_KEPT)];
    (status, headers, document).into_response()
}

/// The body of a request, unless it is too large or says that it is something else than JSON. One
/// that says nothing of itself is taken as JSON.
pub(super) fn read_body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, PulseError> {
    let body = body.map_err(Failure::from)?;
    if may_be_json(headers) {
        Ok(body)
    } else {
        Err(PulseError::MediaType)
    }
}

/// The members of a body, which must be an object.
pub(super) fn members(body: &[u8]) -> Result<Fields, PulseError> {
    Fields::parse(body).map_err(|error| {
        if serde_json::from_slice::<&RawValue>(body).is_ok() {
            error.rule.at("").into()
        } else {
            PulseError::NotJson
        }
    })
}

/// Where an attribute stands in a document (RFC 6901).
pub(super) fn pointer(attribute: &str) -> String {
    format!("/data/attributes/{attribute}")
}

/// The resource that a body holds.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) attributes: Fields,
    /// What is wrong around them.
    errors: FieldErrors,
}

impl Resource {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, PulseError> {
        let data = object(&members(body)?, "data", "/data")?;
        let mut errors = FieldErrors::default();
        // Missing, of another type or another text: the rule is the same.
        let named: Option<String> = data.optional("type", TEXT, &mut FieldErrors::default());
        if named.as_deref() != Some(TYPE) {
            errors.push(Invalid::new(format!("must be {TYPE}")).at("/data/type"));
        }
        match object(&data, "attributes", "/data/attributes") {
            Ok(attributes) => Ok(Self { attributes, errors }),
            Err(error) => {
                errors.push(error);
                Err(errors.finish(None::<Self>).err().unwrap_or_default().into())
            }
        }
    }

    /// A value, if nothing is wrong with the document.
    ///
    /// * `found`: what is wrong with its attributes, by their names.
    pub(super) fn finish<T>(self, found: FieldErrors, value: Option<T>) -> Result<T, Failure> {
        let mut errors = self.errors;
        let value = match found.finish(Some(value)) {
            Ok(value) => value,
            Err(found) => {
                for FieldError { field, rule } in found {
                    // `events[2]` is `events/2` in a pointer.
                    let path = field.replace('[', "/").replace(']', "");
                    errors.push(rule.at(pointer(&path)));
                }
                None
            }
        };
        Ok(errors.finish(value)?)
    }
}

/// An object inside another.
fn object(fields: &Fields, name: &str, pointer: &str) -> Result<Fields, FieldError> {
    let mut errors = FieldErrors::default();
    let raw: Option<Box<RawValue>> = fields.optional(name, JSON, &mut errors);
    let Some(raw) = raw else {
        return Err(Invalid::missing().at(pointer));
    };
    let rule = |_| Invalid::new("must be an object").at(pointer);
    Fields::parse(raw.get().as_bytes()).map_err(rule)
}
