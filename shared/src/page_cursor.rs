//! Page cursors: where a list goes on, opaque to callers, and never trusted when they come back.

use crate::invalid::Invalid;
use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

/// The longest cursor. What it holds is shorter by a quarter, and so each text in it fits where DynamoDB
/// takes the least: 1,024 bytes of a sort key. Ours have less than 600.
const MAX_CHARS: usize = 1_024;

/// Writes a position as a cursor: the base64url of its JSON.
#[must_use]
pub fn encode<T: Serialize>(position: &T) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(position).expect("a position is JSON"))
}

/// Reads a cursor.
///
/// # Errors
/// Where it was not made by [`encode`] for this kind of position, or holds more than a position does. A
/// cursor of another tenant reads well and finds nothing: keys are built from the caller's tenant, never
/// from the cursor.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T, Invalid> {
    let written = Some(cursor).filter(|cursor| cursor.len() <= MAX_CHARS);
    written
        .and_then(|cursor| BASE64URL_NOPAD.decode(cursor.as_bytes()).ok())
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
        fn no_text_is_read_that_is_longer_than_a_key(text in "\\PC{200,1200}") {
            let read = decode::<String>(&encode(&text));
            prop_assert!(read.is_err() || text.len() < 1_024);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = decode::<(String, u32)>(&text);
        }
    }
}
