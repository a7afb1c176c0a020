//! What kinds of events are called.

use crate::text::{program_name, text_type};

text_type!(
    /// The name of an event type: 1 to 128 of `A-Z a-z 0-9 _ . : -`, and neither `.`
    /// nor `..`.
    EventType,
    program_name
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for text in ["", "a b", "ä", "a/b", ".", "..", &"x".repeat(129)] {
            assert!(text.parse::<EventType>().is_err(), "{text}");
        }
    }
}
