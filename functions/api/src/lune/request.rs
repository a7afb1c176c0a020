//! What every request of Lune's clients goes through: its credential, its rate, its body.

use super::error::LuneError;
use crate::{
    Api,
    caller::{ACT_FOR, Caller, LUNE_ACCOUNT},
    failure::Failure,
};
use ::herald::credential::Role;
use axum::{body::Bytes, extract::rejection::BytesRejection};
use http::{HeaderMap, header::CONTENT_TYPE};

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
    let is_json = headers
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(is_json));
    if is_json || body.is_empty() {
        Ok(body)
    } else {
        Err(LuneError::NotJson)
    }
}

/// Whether a media type is JSON (RFC 8259, section 11; RFC 6839, section 3.1).
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || essence.starts_with("application/") && essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_of_json_are_known() {
        for text in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/problem+json",
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in ["", "text/json", "application/jsonp", "text/plain", "a+json"] {
            assert!(!is_json(text), "{text}");
        }
    }
}
