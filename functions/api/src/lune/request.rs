//! What every request of Lune's clients goes through: its credential, its rate, its body.

use super::error::LuneError;
use crate::{
    Api,
    caller::{ACT_FOR, Caller, LUNE_ACCOUNT},
    failure::Failure,
    media_type::may_be_json,
};
use ::herald::credential::Role;
use axum::{body::Bytes, extract::rejection::BytesRejection};
use http::HeaderMap;

/// The most requests of a credential in a second.
pub(super) const MAX_PER_SECOND: u32 = 15;

impl Api {
    /// Finds the caller, counts the request, and refuses a caller whose role does not cover the
    /// needed one. Only who is known is counted, and before anything more is read.
    pub(super) async fn lune_caller(
        &self,
        headers: &HeaderMap,
        needed: Role,
    ) -> Result<Caller, LuneError> {
        let found = self.known_credential(headers).await?;
        let (id, now) = (&found.credential.id, self.clock.now());
        if !self.rate_limit.admits(id, MAX_PER_SECOND, now) {
            return Err(LuneError::TooManyRequests);
        }
        let act_for = [LUNE_ACCOUNT, ACT_FOR];
        Ok(self.acting(found, headers, needed, &act_for).await?)
    }
}

/// The body of a request, unless it is too large or says that it is something else than JSON. One
/// that says nothing of itself is taken as JSON.
pub(super) fn read_body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, LuneError> {
    let body = body.map_err(Failure::from)?;
    if may_be_json(headers) || body.is_empty() {
        Ok(body)
    } else {
        Err(LuneError::NotJson)
    }
}
