//! E-mail addresses.

use crate::invalid::Invalid;
use email_address::{EmailAddress as Parsed, Options};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest address that SMTP can carry, in bytes (RFC 5321, section 4.5.3.1.3).
pub const MAX_ADDRESS_BYTES: usize = 254;

/// An e-mail address exactly as its owner sent it: in ASCII, a local part and a domain with a dot,
/// without a display name, comments, escapes or an address literal. What comes back from our own rows
/// and messages is taken over as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let options = Options::default()
            .with_required_tld()
            .without_domain_literal()
            .without_display_text();
        // Other letters need SMTPUTF8 (RFC 6531), which SES does not speak.
        if !text.is_ascii() {
            return Err(Invalid::new("must be an e-mail address in ASCII"));
        }
        let is_label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let is_host = |(_, host): (&str, &str)| host.chars().all(is_label);
        let is_address = text.rsplit_once('@').is_some_and(is_host)
            && text.len() <= MAX_ADDRESS_BYTES
            && !text.contains('\\')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && Parsed::parse_with_options(text, options).is_ok();
        if is_address {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be an e-mail address"))
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    /// The domain only: logs hold no full addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.0.rsplit_once('@').map_or("?", |(_, domain)| domain);
        write!(f, "EmailAddress(…@{domain})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for (text, passes) in [
            ("operations@example.com", true),
            ("first.last+tag@mail.example.co.uk", true),
            ("o'brien@example.com", true),
            ("operations", false),
            ("@example.com", false),
            ("operations@", false),
            ("operations@localhost", false),
            ("a@b@example.com", false),
            ("Ops <operations@example.com>", false),
            ("operations@[127.0.0.1]", false),
            ("operations@example.com\r\nBcc: x@example.com", false),
            ("two words@example.com", false),
            ("jo@exa_mple.com", false),
            ("jo@e'x.com", false),
            ("jürgen@example.com", false),
            ("jo@exämple.com", false),
            (r#""a\"b"@example.com"#, false),
            ("", false),
        ] {
            assert_eq!(text.parse::<EmailAddress>().is_ok(), passes, "{text:?}");
        }
        let long = format!("a@{}.com", "b.".repeat(130));
        assert!(long.parse::<EmailAddress>().is_err());
    }
}
