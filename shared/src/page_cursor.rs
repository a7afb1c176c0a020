//! Page cursors: where a list goes on, opaque to callers, and never trusted when they come back.

use crate::invalid::Invalid;
use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

/// Writes a position as a cursor: the base64url of its JSON.
#[must_use]
pub fn encode<T: Serialize>(position: &T) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(position).expect("a position is JSON"))
}

/// Reads a cursor.
///
/// # Errors
/// Where it was not made by [`encode`] for this kind of position. A cursor of another tenant
/// reads well and finds nothing: keys are built from the caller's tenant, never from the cursor.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, Invalid> {
    BASE64URL_NOPAD
        .decode(cursor.as_bytes())
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| Invalid::new("must be a cursor from an earlier page"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cursors_read_back(text in "\\PC{0,60}", count in any::<u32>()) {
            let cursor = encode(&(&text, count));
            prop_assert!(cursor.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
            prop_assert_eq!(decode::<(String, u32)>(&cursor), Ok((text, count)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = decode::<(String, u32)>(&text);
        }
    }
}
