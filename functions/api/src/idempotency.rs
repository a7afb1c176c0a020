//! The header under which a repeated request is recognised.

use ::herald::invalid::Invalid;
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
