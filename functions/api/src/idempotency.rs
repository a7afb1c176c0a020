//! The header under which a repeated request is recognised.

use crate::failure::Failure;
use ::herald::{invalid::Invalid, store::Idempotency};
use http::HeaderMap;

/// Its name, as errors tell it.
pub(crate) const NAME: &str = "Idempotency-Key";

/// The key of a request, if it has one.
///
/// # Errors
/// Where it is not 1 to 255 visible ASCII characters.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<&str>, Invalid> {
    let Some(value) = headers.get(NAME) else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    let is_plain = (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if is_plain => Ok(Some(key)),
        _ => Err(Invalid::new("must be 1 to 255 visible ASCII characters")),
    }
}

/// What a request that makes something is recognised by, if it has a key.
pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Option<Idempotency>, Failure> {
    let key = key(headers).map_err(|rule| Failure::field(NAME, rule))?;
    Ok(key.map(|key| Idempotency::new(key, body)))
}
