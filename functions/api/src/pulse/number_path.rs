//! The webhook that a path names by its number.

use super::NO_WEBHOOK;
use crate::{Api, failure::Failure};
use ::herald::{dialect::Dialect, policy::Policy, tenant::Tenant};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
};
use http::request::Parts;
use std::{collections::HashMap, convert::Infallible};

/// What a path names as a webhook. It is looked at when the caller is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumberPath(Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for NumberPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let path = parts.extract::<Path<HashMap<String, String>>>().await;
        Ok(Self(path.ok().and_then(|Path(path)| {
            let text = path.get("id")?;
            let number: u64 = text.parse().ok()?;
            // One way to write it, so that nobody has two names.
            (number.to_string() == *text).then_some(number)
        })))
    }
}

impl Api {
    /// A tenant's webhook. A path that names none by its form is answered like one whose webhook is
    /// not there.
    pub(super) async fn pulse_webhook(
        &self,
        owner: Tenant,
        NumberPath(number): NumberPath,
    ) -> Result<Policy, Failure> {
        let policy = match number {
            Some(number) => self.store.numbered_policy(owner, number).await?,
            None => None,
        };
        policy
            .filter(is_webhook)
            .ok_or(Failure::NotFound(NO_WEBHOOK))
    }
}

/// Whether a policy is one of Pulse's webhooks.
pub(super) fn is_webhook(policy: &Policy) -> bool {
    policy.dialect == Dialect::Pulse
}
