//! The id in a path.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::convert::Infallible;

/// The id in a path; empty, and so nobody's, where the path is not text.
pub(super) struct IdPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<String>>().await;
        Ok(Self(path.map_or_else(|_| String::new(), |Path(id)| id)))
    }
}
