//! The ids in a path.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::{collections::HashMap, convert::Infallible};

/// The id in a path; empty, and so nobody's, where the path is not text.
pub(super) struct IdPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<String>>().await;
        Ok(Self(path.map_or_else(|_| String::new(), |Path(id)| id)))
    }
}

/// The ids in a path that has several, by their names; none, where the path is not text.
pub(super) struct IdsPath(HashMap<String, String>);

impl IdsPath {
    /// One of them; empty, and so nobody's, where it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdsPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        Ok(Self(path.map_or_else(|_| HashMap::new(), |Path(ids)| ids)))
    }
}
