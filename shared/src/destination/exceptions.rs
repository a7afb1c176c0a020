//! What the operator admits beyond the rules for the public.

use super::{DestinationRules, WebhookUrl};
use ipnet::IpNet;
use std::net::{AddrParseError, IpAddr};
use url::{Host, Url};

/// A network beyond the public internet: a range of addresses in CIDR notation, or one address.
///
/// # Errors
/// Where it is neither.
pub fn parse_network(text: &str) -> Result<IpNet, AddrParseError> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
}

impl DestinationRules {
    /// Lifts the rules on scheme, port and address range for *literal addresses* in a range.
    #[must_use]
    pub fn allow(mut self, ranges: impl IntoIterator<Item = IpNet>) -> Self {
        self.allowed.extend(ranges);
        self
    }

    /// Admits URLs at and below one URL: the receiver that the local service brings along.
    #[must_use]
    pub fn with_own_receiver(mut self, base: Url) -> Self {
        self.own_receiver = Some(base);
        self
    }

    /// Whether a URL is admitted by such an exception, be it a good one for the public or not: rules
    /// of a dialect's own for public URLs do not ask for it.
    #[must_use]
    pub fn is_exception(&self, url: &WebhookUrl) -> bool {
        let Ok(url) = self.admit(url) else {
            return false;
        };
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        self.is_own_receiver(&url) || literal.is_some_and(|address| self.is_allowed(address))
    }

    pub(super) fn is_allowed(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|range| range.contains(&address))
    }

    pub(super) fn is_own_receiver(&self, url: &Url) -> bool {
        self.own_receiver.as_ref().is_some_and(|base| {
            let below = url.path().strip_prefix(base.path());
            base.origin() == url.origin()
                && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_operator_admits_is_an_exception() {
        let range = "127.0.0.0/8".parse().expect("a range");
        let base = Url::parse("http://127.0.0.1:3000/local/receiver").expect("a URL");
        let allowing = DestinationRules::strict().allow([range]);
        let own = DestinationRules::strict().with_own_receiver(base);
        for (rules, url, expected) in [
            (&allowing, "http://127.0.0.1:9000/hook", true),
            (&allowing, "https://example.com/hook", false),
            (&allowing, "https://8.8.8.8/hook", false),
            (
                &own,
                "http://127.0.0.1:3000/local/receiver?status=500",
                true,
            ),
            (&own, "https://example.com/local/receiver", false),
        ] {
            let url = rules.parse(url).expect("an admitted URL");
            assert_eq!(rules.is_exception(&url), expected, "{url}");
        }
        let foreign = allowing.parse("http://127.0.0.1:9000/").expect("a URL");
        assert!(!DestinationRules::strict().is_exception(&foreign));
    }
}
