//! The suppression list of a tenant: addresses that no policy of it sends to, because a mail came
//! back for good.

use crate::email::EmailAddress;
use jiff::Timestamp;

/// An address that is not sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The address, as the policy had it whose mail came back.
    pub address: EmailAddress,
    /// Since when.
    pub since: Timestamp,
    /// What the mailbox's side said.
    pub error: String,
}

/// The address as it is compared: mailboxes that differ in case alone are one, as every large
/// provider has it (RFC 5321, section 2.4 leaves that to the mailbox's host).
#[must_use]
pub fn compared(address: &EmailAddress) -> String {
    address.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_that_differ_in_case_alone_are_one() {
        let compare = |text: &str| compared(&text.parse().expect("an address"));
        for text in ["ada@example.com", "Ada@Example.COM", "ADA@EXAMPLE.COM"] {
            assert_eq!(compare(text), "ada@example.com");
        }
        for other in [
            "ada+x@example.com",
            "a.da@example.com",
            "ada@mail.example.com",
        ] {
            assert_ne!(compare(other), "ada@example.com");
        }
    }
}
