//! The catalogue: which types of events there are, and which dialects know each.

use crate::{
    dialect::{self, Dialect},
    invalid::Invalid,
    text::text_type,
};

/// How many near matches an unknown type is answered with at most.
const MAX_SUGGESTIONS: usize = 3;

/// How alike two names are at least to be suggested (Jaro–Winkler, 0 to 1).
const ALIKE: f64 = 0.85;

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

impl EventType {
    /// The dialects that know this type; none where the catalogue lacks it.
    pub fn dialects(&self) -> impl Iterator<Item = Dialect> {
        Dialect::ALL
            .into_iter()
            .filter(|dialect| dialect.event_types().contains(&self.as_str()))
    }

    /// What to tell who named a type that the catalogue lacks: "; did you mean …?", or nothing.
    #[must_use]
    pub fn suggestion(&self) -> String {
        let near = self.near_matches();
        if near.is_empty() {
            String::new()
        } else {
            format!("; did you mean {}?", near.join(" or "))
        }
    }

    /// Names in the catalogue that this one may have been meant for, the likeliest first.
    fn near_matches(&self) -> Vec<&'static str> {
        let upper = self.0.to_uppercase();
        let mut scored: Vec<_> = Dialect::ALL
            .into_iter()
            .flat_map(dialect::Dialect::event_types)
            .map(|name| (strsim::jaro_winkler(&upper, &name.to_uppercase()), *name))
            .filter(|(score, _)| *score >= ALIKE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.truncate(MAX_SUGGESTIONS);
        scored.into_iter().map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> EventType {
        text.parse().expect("a name")
    }

    #[test]
    fn the_catalogue_knows_the_types_of_its_dialects() {
        let dialects: Vec<_> = named("INVOICE_ISSUED").dialects().collect();
        assert_eq!(dialects, [Dialect::Sequence]);
        assert_eq!(named("INVOICE_EATEN").dialects().count(), 0);
    }

    #[test]
    fn a_typing_error_is_answered_with_what_was_meant() {
        assert_eq!(named("invoice.issued").near_matches()[0], "INVOICE_ISSUED");
        assert_eq!(
            named("CUSTOMER_CRATED").near_matches()[0],
            "CUSTOMER_CREATED"
        );
        assert!(named("x").suggestion().is_empty());
    }

    #[test]
    fn names_are_short_and_plain() {
        for text in ["", "a b", "ä", &"x".repeat(129)] {
            assert!(text.parse::<EventType>().is_err(), "{text}");
        }
    }
}
