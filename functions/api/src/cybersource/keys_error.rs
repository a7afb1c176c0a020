//! Errors of keys in CyberSource's shape: what is wrong with the fields stands inside
//! `keyInformation`.

use super::error::{CybersourceError, Detail, told};
use crate::failure::Failure;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

/// Why a key is not made.
#[derive(Debug)]
pub(super) struct KeysError(Failure);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    status: &'static str,
    key_information: Information,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Information {
    error_information: ErrorInformation,
}

#[derive(Serialize)]
struct ErrorInformation {
    reason: &'static str,
    details: Vec<Detail>,
}

impl<F: Into<Failure>> From<F> for KeysError {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for KeysError {
    fn into_response(self) -> Response {
        let Failure::Invalid(errors) = self.0 else {
            return CybersourceError::from(self.0).into_response();
        };
        let (reason, details) = told(errors);
        let error_information = ErrorInformation { reason, details };
        let body = Body {
            status: "FAILED",
            key_information: Information { error_information },
        };
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}
