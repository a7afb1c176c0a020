//! What a request says that its body is.

use http::{HeaderMap, header::CONTENT_TYPE};

/// Whether a body may be JSON: it says so, or nothing of itself.
pub(crate) fn may_be_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    kind.is_none_or(|kind| kind.to_str().is_ok_and(is_json))
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
