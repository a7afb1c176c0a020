//! Which URLs a webhook may have: those that Lune's published expression matches *and* to which
//! webhooks may go. The expression alone is no guard: it lets `https://xx.com@127.0.0.1/` pass.

use crate::Api;
use ::herald::{invalid::Invalid, recipient::Target};
use regex_lite::Regex;
use std::sync::LazyLock;

/// The expression as Lune publishes it ("Create a webhook", `url`).
const PUBLISHED: &str =
    r"^https:\/\/[-a-zA-Z0-9@:%._\+~#=]{2,256}\.[a-z]{2,6}\b([-a-zA-Z0-9@:%_\+.~#?&\/\/=]*)$";

static PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(PUBLISHED).expect("the published expression is one"));

impl Api {
    /// Where a webhook shall go. What the operator admits beyond the public internet needs not look
    /// like it.
    pub(super) fn read_url(&self, text: &str) -> Result<Target, Invalid> {
        let url = self.rules.parse(text)?;
        if PATTERN.is_match(text) || self.rules.is_exception(&url) {
            Ok(Target::Url(url))
        } else {
            Err(Invalid::new(
                "must have a host that ends in 2 to 6 lower-case letters, and after it none but \
                 A-Z a-z 0-9 - @ : % _ + . ~ # ? & / =",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_matches_what_it_matches_elsewhere() {
        for url in [
            "https://example.com",
            "https://hooks.example.com:8443/lune?a=b&c=d#e",
            "https://Example.com/",
            "https://xx.com@127.0.0.1/",
            "https://127.0.0.1#.aa",
        ] {
            assert!(PATTERN.is_match(url), "{url}");
        }
        for url in [
            "http://example.com/",
            "https://localhost/x",
            "https://127.0.0.1:8443/x",
            "https://EXAMPLE.COM/",
            "https://ex.technology/",
            "https://example.com/a(b)",
            "https://example.com/ä",
            "https://example.com/a\n",
            "https://a.b",
        ] {
            assert!(!PATTERN.is_match(url), "{url}");
        }
    }
}
