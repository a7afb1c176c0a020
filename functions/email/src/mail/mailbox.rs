//! Addresses as they are written in headers.

use herald::email::MAX_ADDRESS_BYTES;

/// An address that a header can hold as it is: ASCII, an `addr-spec` without comments, folding
/// or escapes (RFC 5322, section 3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mailbox<'a> {
    address: &'a str,
    domain: &'a str,
}

impl<'a> Mailbox<'a> {
    /// Takes an address. Those with other letters than ASCII are not taken: they need SMTPUTF8
    /// (RFC 6531), which SES does not speak.
    pub(super) fn parse(address: &'a str) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        let quoted = local
            .strip_prefix('"')
            .and_then(|local| local.strip_suffix('"'));
        let is_local = match quoted {
            Some(quoted) => quoted
                .bytes()
                .all(|c| c.is_ascii_graphic() && c != b'"' && c != b'\\'),
            None => is_dotted(local, |c| {
                c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c)
            }),
        };
        let is_domain = is_dotted(domain, |c| c.is_ascii_alphanumeric() || c == b'-');
        let is_short = address.len() <= MAX_ADDRESS_BYTES;
        (is_short && is_local && is_domain).then_some(Self { address, domain })
    }

    pub(super) const fn as_str(&self) -> &'a str {
        self.address
    }

    pub(super) const fn domain(&self) -> &'a str {
        self.domain
    }

    /// The link that writes to the address (RFC 6068), where it needs no encoding in one.
    pub(super) fn link(&self) -> Option<String> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"@._+-".contains(&c);
        let address = self.address;
        address
            .bytes()
            .all(is_plain)
            .then(|| format!("mailto:{address}"))
    }
}

/// Whether a text is made of such characters, with single dots between them.
fn is_dotted(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(&allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_header_cannot_hold_is_no_address() {
        for (address, passes) in [
            ("operations@example.com", true),
            ("o'brien+tag@mail.example.co.uk", true),
            ("\"a<b,c\"@example.com", true),
            ("a@localhost", true),
            ("a@b@example.com", false),
            ("a,b@example.com", false),
            ("a b@example.com", false),
            ("\"a\"b\"@example.com", false),
            ("\"@example.com", false),
            ("a..b@example.com", false),
            ("a@example.com>", false),
            ("a@example.com\r\nBcc: x@example.com", false),
            ("ä@example.com", false),
            ("a@exämple.com", false),
            ("a@[127.0.0.1]", false),
            ("@example.com", false),
            ("a@", false),
            ("", false),
        ] {
            assert_eq!(Mailbox::parse(address).is_some(), passes, "{address:?}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        assert_eq!(Mailbox::parse(&long), None);
    }

    #[test]
    fn an_address_is_a_link_where_that_is_safe() {
        let link = |address| Mailbox::parse(address).and_then(|mailbox| mailbox.link());
        assert_eq!(
            link("a+b@example.com").as_deref(),
            Some("mailto:a+b@example.com")
        );
        assert_eq!(link("a?cc=x@example.com"), None);
        assert_eq!(link("a%0d@example.com"), None);
    }
}
