//! The pages behind the link "Unsubscribe" of an e-mail: the question, the answer, and what a
//! link that is not valid leads to.

use askama::Template;

/// The `Content-Security-Policy` that the pages need: their one style block by its hash, and a
/// form that goes to where it came from (W3C, Content Security Policy Level 3).
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
     style-src 'sha256-YTHZ65fWqBX+OG+bHSvtMeFIr2rVJtxvVxBkCa3o2NU='; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An address in the list of a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    /// Who writes.
    pub(crate) brand: &'a str,
    /// The policy that lists the address.
    pub(crate) policy_name: &'a str,
    /// Whose policy it is: a name or an id for people to read.
    pub(crate) account: &'a str,
    /// The whole address. The pages show the start of it: whoever was forwarded the e-mail can
    /// open them, too.
    pub(crate) address: &'a str,
}

#[derive(Template)]
#[template(path = "pages/confirmation.html")]
struct Confirmation<'a> {
    listing: &'a Listing<'a>,
    address: String,
}

#[derive(Template)]
#[template(path = "pages/unsubscribed.html")]
struct Unsubscribed<'a> {
    listing: &'a Listing<'a>,
    address: String,
}

#[derive(Template)]
#[template(path = "pages/invalid_link.html")]
struct InvalidLink<'a> {
    brand: &'a str,
}

/// The question whether to unsubscribe. Its button posts to the page's own URL what a mail
/// program posts there, `List-Unsubscribe=One-Click` (RFC 8058, section 3.2).
pub(crate) fn confirmation(listing: &Listing) -> String {
    rendered(&Confirmation {
        listing,
        address: masked(listing.address),
    })
}

/// What is told after it.
pub(crate) fn unsubscribed(listing: &Listing) -> String {
    rendered(&Unsubscribed {
        listing,
        address: masked(listing.address),
    })
}

/// What is told whoever has a link that is not valid. The brand is the operator's: the link
/// names no account that could be trusted.
pub(crate) fn invalid_link(brand: &str) -> String {
    rendered(&InvalidLink { brand })
}

fn rendered(page: &impl Template) -> String {
    page.render().expect("writing to a string does not fail")
}

/// An address such as `j…@example.com`.
fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, "…"));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    fn all(listing: &Listing) -> [String; 3] {
        [
            confirmation(listing),
            unsubscribed(listing),
            invalid_link(listing.brand),
        ]
    }

    fn listing(text: &str) -> Listing<'_> {
        Listing {
            brand: text,
            policy_name: text,
            account: text,
            address: text,
        }
    }

    fn tags(page: &str) -> Vec<&str> {
        page.match_indices('<')
            .map(|(at, _)| page[at..].split_inclusive('>').next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn the_policy_allows_the_one_style_block_and_nothing_else() {
        for page in all(&listing("x")) {
            let (_, style) = page.split_once("<style>").expect("a style block");
            let (style, rest) = style.split_once("</style>").expect("its end");
            let hash = BASE64.encode(&Sha256::digest(style));
            assert!(CONTENT_SECURITY_POLICY.contains(&hash), "{hash}");
            for refused in ["<style", "style=", "<script", "src=", "http"] {
                assert!(!rest.contains(refused), "{refused} in {page}");
            }
        }
    }

    #[test]
    fn only_the_question_has_a_form() {
        let [question, answer, invalid] = all(&listing("x"));
        assert_eq!(question.matches("<form method=\"post\">").count(), 1);
        assert!(question.contains("name=\"List-Unsubscribe\" value=\"One-Click\""));
        assert!(!answer.contains("<form") && !invalid.contains("<form"));
    }

    #[test]
    fn an_address_is_masked() {
        for (address, shown) in [
            ("jane@example.com", "j…@example.com"),
            ("\"a@b\"@example.com", "\"…@example.com"),
            ("ä@x.example", "ä…@x.example"),
            ("nothing", "n…@…"),
            ("", "…@…"),
        ] {
            assert_eq!(masked(address), shown);
        }
        let [question, answer, _] = all(&listing("jane@example.com"));
        let names = "<bdi>jane@example.com</bdi>";
        for page in [question, answer] {
            assert!(page.replace(names, "").contains("j…@example.com"));
        }
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in "[<>\"'&/a-z=@ \u{202E}é]*|\\PC*") {
            for (page, plain) in all(&listing(&text)).iter().zip(all(&listing("x"))) {
                prop_assert_eq!(tags(page), tags(&plain));
            }
        }
    }
}
