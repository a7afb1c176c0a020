//! The subject: what happened, and to what.

use super::{Content, shown::Shown, words::readable};

/// Marks what somebody sent to try whether e-mail arrives.
const TEST: &str = "[Test] ";

/// How long the readable type is at most, in characters.
const MAX_TYPE: usize = 70;

/// How long the resource's id is at most, in characters: the whole subject has 120 then.
const MAX_RESOURCE: usize = 41;

/// The readable type of an event.
pub(super) fn headline(content: &Content) -> Shown {
    Shown::new(&readable(content.event_type), MAX_TYPE)
}

/// A line such as `[Test] Invoice issued: inv_1`, of at most 120 characters.
pub(super) fn subject(content: &Content) -> String {
    let test = if content.is_test { TEST } else { "" };
    let resource = Shown::new(content.resource_id.unwrap_or_default(), MAX_RESOURCE);
    let colon = if resource.is_empty() { "" } else { ": " };
    format!("{test}{}{colon}{resource}", headline(content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples;

    #[test]
    fn a_subject_says_what_happened_to_what() {
        let content = samples::plain();
        assert_eq!(subject(&content), "Invoice issued: inv_1");
        let test = Content {
            is_test: true,
            resource_id: None,
            ..content
        };
        assert_eq!(subject(&test), "[Test] Invoice issued");
    }

    #[test]
    fn a_subject_is_one_short_line() {
        let long = "LONG_".repeat(40);
        let id = format!("a\r\nBcc: x@example.com{}", "ä".repeat(200));
        let content = Content {
            event_type: &long,
            resource_id: Some(&id),
            is_test: true,
            ..samples::plain()
        };
        let subject = subject(&content);
        assert_eq!(subject.chars().count(), 120);
        assert!(!subject.contains(char::is_control), "{subject}");
        assert!(subject.contains("…: a  Bcc: x@example.com"), "{subject}");
    }
}
