//! What kinds of events are called.

use crate::{invalid::Invalid, text::text_type};

text_type!(
    /// The name of an event type: 1 to 128 of `A-Z a-z 0-9 _ . : -`.
    EventType,
    |text| {
        let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_.:-".contains(&c);
        if (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(())
        } else {
            Err(Invalid::new("must be 1 to 128 of A-Z a-z 0-9 _ . : -"))
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for text in ["", "a b", "ä", &"x".repeat(129)] {
            assert!(text.parse::<EventType>().is_err(), "{text}");
        }
    }
}
