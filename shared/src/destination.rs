//! Where webhooks may go: checked when a policy is stored and again before every attempt.

mod exceptions;
mod webhook_url;

use crate::{address::is_global, invalid::Invalid};
pub use exceptions::parse_network;
use ipnet::IpNet;
use std::net::IpAddr;
use url::{Host, Url};
pub use webhook_url::WebhookUrl;

/// The longest URL that is accepted, in characters.
pub const MAX_URL_CHARS: usize = 2_048;

/// Names that never leave a host or a private network (RFC 6761, RFC 6762, ICANN's `.internal`).
const CLOSED_SUFFIXES: [&str; 3] = ["local", "localhost", "internal"];

/// The rules for destinations, with the operator's exceptions.
#[derive(Clone, Debug, Default)]
pub struct DestinationRules {
    allowed: Vec<IpNet>,
    own_receiver: Option<Url>,
}

impl DestinationRules {
    /// The rules without exceptions.
    #[must_use]
    pub fn strict() -> Self {
        Self::default()
    }

    /// Takes a URL from a request.
    ///
    /// # Errors
    /// The first rule that the URL breaks.
    pub fn parse(&self, text: &str) -> Result<WebhookUrl, Invalid> {
        self.check(text).map(|_| WebhookUrl(text.to_owned()))
    }

    /// Checks a stored URL before an attempt and parses it for the HTTP client. A host that is
    /// a name has still to pass [`crate::address::all_global`] with all its addresses.
    ///
    /// # Errors
    /// The first rule that the URL breaks.
    pub fn admit(&self, url: &WebhookUrl) -> Result<Url, Invalid> {
        self.check(url.as_str())
    }

    fn check(&self, text: &str) -> Result<Url, Invalid> {
        check_text(text)?;
        let url = Url::parse(text)
            .ok()
            .filter(|_| !authority(text).is_empty())
            .ok_or_else(|| Invalid::new("must be an absolute URL"))?;
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(Invalid::new("must not hold a user name or password"));
        }
        if self.is_own_receiver(&url) {
            return Ok(url);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => {
                check_spelling(text, &address.to_string())?;
                Some(IpAddr::V4(address))
            }
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                check_name(name)?;
                None
            }
            None => return Err(Invalid::new("must name a host")),
        };
        if literal.is_some_and(|address| self.is_allowed(address)) {
            return match url.scheme() {
                "http" | "https" => Ok(url),
                _ => Err(Invalid::new("must be an http or https URL")),
            };
        }
        if url.scheme() != "https" {
            return Err(Invalid::new("must be an https URL"));
        }
        if !matches!(url.port_or_known_default(), Some(443 | 1024..)) {
            return Err(Invalid::new("must use port 443 or a port from 1024 on"));
        }
        if literal.is_some_and(|address| !is_global(address)) {
            return Err(Invalid::new(
                "must not lead to a private or reserved address",
            ));
        }
        Ok(url)
    }
}

/// Refuses what URL parsers silently repair, because the receiver's and ours may repair it
/// differently.
fn check_text(text: &str) -> Result<(), Invalid> {
    if text.chars().count() > MAX_URL_CHARS {
        return Err(Invalid::new("must be at most 2048 characters"));
    }
    if text.contains('\\') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Invalid::new(
            "must not hold a backslash, white space or a control character",
        ));
    }
    Ok(())
}

/// The part between the first `://` and the path, as sent; empty where there is none.
fn authority(text: &str) -> &str {
    let after_scheme = text.find(':').map_or("", |colon| &text[colon..]);
    let rest = after_scheme.strip_prefix("://").unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    &rest[..end]
}

/// Refuses decimal, octal, hexadecimal and shortened spellings of IPv4 addresses.
fn check_spelling(text: &str, canonical: &str) -> Result<(), Invalid> {
    let authority = authority(text);
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    if host == canonical {
        Ok(())
    } else {
        Err(Invalid::new(
            "must write an IPv4 address as four decimal numbers",
        ))
    }
}

/// A host with a dot and valid DNS labels (RFC 1035, RFC 1123), outside the closed suffixes.
fn check_name(name: &str) -> Result<(), Invalid> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(Invalid::new("must name a valid host"));
    }
    let Some((_, suffix)) = name.rsplit_once('.') else {
        return Err(Invalid::new("must name a host with a dot"));
    };
    if CLOSED_SUFFIXES
        .iter()
        .any(|closed| suffix.eq_ignore_ascii_case(closed))
    {
        return Err(Invalid::new(
            "must not end in .local, .localhost or .internal",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::all_global;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vectors {
        refused: Vec<Vector>,
        accepted: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        url: String,
        #[serde(default)]
        resolves_to: Vec<IpAddr>,
    }

    fn vectors() -> Vectors {
        serde_json::from_str(include_str!("../tests/vectors/destinations.json"))
            .expect("the vectors are JSON")
    }

    fn passes(rules: &DestinationRules, vector: &Vector) -> bool {
        let Ok(url) = rules.parse(&vector.url) else {
            return false;
        };
        let url = rules
            .admit(&url)
            .expect("what may be stored may be sent to");
        !matches!(url.host(), Some(Host::Domain(_))) || all_global(&vector.resolves_to)
    }

    #[test]
    fn every_vector_is_judged_as_it_says() {
        let rules = DestinationRules::strict();
        for vector in vectors().refused {
            assert!(!passes(&rules, &vector), "{}", vector.url);
        }
        for vector in vectors().accepted {
            assert!(passes(&rules, &vector), "{}", vector.url);
        }
    }

    #[test]
    fn an_allowed_range_lifts_the_rules_for_literal_addresses_only() {
        let range = "127.0.0.0/8".parse().expect("a range");
        let rules = DestinationRules::strict().allow([range]);
        for (url, passes) in [
            ("http://127.0.0.1:9000/hook", true),
            ("https://127.0.0.1:80/hook", true),
            ("ftp://127.0.0.1/hook", false),
            ("http://localhost:9000/hook", false),
            ("http://user@127.0.0.1:9000/hook", false),
            ("http://@127.0.0.1:9000/hook", false),
            ("http://2130706433/hook", false),
            ("http://10.0.0.1/hook", false),
            ("http://127.0.0.1:9000/a b", false),
        ] {
            assert_eq!(rules.parse(url).is_ok(), passes, "{url}");
        }
        assert!(!all_global(&["127.0.0.1".parse().expect("an address")]));
    }

    #[test]
    fn the_own_receiver_is_one_place_and_not_its_neighbours() {
        let base = Url::parse("http://127.0.0.1:3000/local/receiver").expect("a URL");
        let rules = DestinationRules::strict().with_own_receiver(base);
        for (url, passes) in [
            ("http://127.0.0.1:3000/local/receiver", true),
            ("http://127.0.0.1:3000/local/receiver/a?status=500", true),
            ("http://127.0.0.1:3000/local/receivers", false),
            ("http://127.0.0.1:3000/local/receiver/../../herald", false),
            (
                "http://127.0.0.1:3000/local/receiver/%2e%2e/%2e%2e/herald",
                false,
            ),
            ("http://127.0.0.1:3001/local/receiver", false),
            ("http://a@127.0.0.1:3000/local/receiver", false),
        ] {
            assert_eq!(rules.parse(url).is_ok(), passes, "{url}");
        }
    }

    #[test]
    fn names_follow_the_rules_of_dns() {
        let rules = DestinationRules::strict();
        let long = format!("https://{}.example/", "a".repeat(64));
        for (url, passes) in [
            ("https://example.com./hook", true),
            ("https://bücher.example/hook", true),
            ("https://a_b.example/hook", true),
            ("https://example/hook", false),
            ("https://LOCALHOST./hook", false),
            ("https://metadata.google.internal/hook", false),
            ("https://printer.local/hook", false),
            ("https://-a.example/hook", false),
            ("https://a..example/hook", false),
            ("https://example.com:80/hook", false),
            ("https://example.com:1023/hook", false),
            ("https://example.com:0/hook", false),
            (long.as_str(), false),
            ("https:example.com/hook", false),
            ("https:///example.com/hook", false),
            ("https:/\\example.com/hook", false),
            ("mailto:a@example.com", false),
            ("", false),
        ] {
            assert_eq!(rules.parse(url).is_ok(), passes, "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", host in "[a-z0-9.:@\\[\\]%-]{0,20}") {
            let rules = DestinationRules::strict();
            let _ = rules.parse(&text);
            let _ = rules.parse(&format!("https://{host}/"));
        }

        #[test]
        fn no_private_literal_passes(a in any::<u32>()) {
            let address = std::net::Ipv4Addr::from(a);
            let parsed = DestinationRules::strict().parse(&format!("https://{address}/"));
            prop_assert_eq!(parsed.is_ok(), is_global(address.into()));
        }
    }
}
