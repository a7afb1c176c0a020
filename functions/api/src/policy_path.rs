//! The policy that a path of a published interface names.

use crate::{Api, failure::Failure};
use ::herald::{dialect::Dialect, id::PolicyId, policy::Policy, tenant::Tenant};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::{collections::HashMap, convert::Infallible};

/// What a path names as a policy. It is looked at when the caller is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyPath(Option<PolicyId>);

impl PolicyPath {
    /// The id, where the path names one by its form.
    pub(crate) const fn id(self) -> Option<PolicyId> {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PolicyPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        let id = path
            .ok()
            .and_then(|Path(path)| path.get("id")?.parse().ok());
        Ok(Self(id))
    }
}

impl Api {
    /// A tenant's policy of a dialect. A path that names none by its form is answered like one
    /// whose policy is not there.
    ///
    /// * `missing`: what is told where there is none.
    pub(crate) async fn dialect_policy(
        &self,
        dialect: Dialect,
        owner: Tenant,
        PolicyPath(id): PolicyPath,
        missing: &'static str,
    ) -> Result<Policy, Failure> {
        let policy = match id {
            Some(id) => self.store.policy(owner, id).await?,
            None => None,
        };
        policy
            .filter(|policy| policy.dialect == dialect)
            .ok_or(Failure::NotFound(missing))
    }
}
