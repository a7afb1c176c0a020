//! The catalogue: which types of events the stack knows, and which dialects know each. Those of
//! the published interfaces are built in; the operator adds others, which stand in the table.

mod built_in;

use crate::{
    dialect::Dialect,
    event_type::EventType,
    invalid::Invalid,
    json::JsonObject,
    policy::Description,
    text::{program_name, text_type},
};
pub use built_in::BuiltIn;
use std::collections::BTreeMap;

/// How many near matches an unknown type is answered with at most.
const MAX_SUGGESTIONS: usize = 3;

/// How alike two names are at least to be suggested (Jaro–Winkler, 0 to 1).
const ALIKE: f64 = 0.85;

/// What Herald's own types start with; nobody else's do.
pub const RESERVED_PREFIX: &str = "herald.";

/// The largest example, in bytes of compact JSON.
pub const MAX_EXAMPLE_BYTES: usize = 16 * 1024;

text_type!(
    /// The product that a type belongs to (CyberSource's `productId`): 1 to 128 of
    /// `A-Z a-z 0-9 _ . : -`.
    Product,
    program_name
);

/// An event type that the stack knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: EventType,
    /// The dialects that know it: whose policies may name it, and hear of it where they hear of
    /// all types. At least one, none twice.
    pub dialects: Vec<Dialect>,
    /// The product that it belongs to.
    pub product: Option<Product>,
    /// What has happened.
    pub description: Description,
    /// What its `data` may look like: test deliveries carry it.
    pub example: Option<JsonObject>,
    /// Whether it came with Herald; else the operator added it.
    pub built_in: bool,
}

impl CatalogueEntry {
    /// The built-in type with a name.
    #[must_use]
    pub fn built_in(name: &EventType) -> Option<Self> {
        BuiltIn::find(name.as_str()).map(Self::from)
    }

    /// Whether a dialect knows it.
    #[must_use]
    pub fn is_known_to(&self, dialect: Dialect) -> bool {
        self.dialects.contains(&dialect)
    }
}

impl From<BuiltIn> for CatalogueEntry {
    fn from(entry: BuiltIn) -> Self {
        Self {
            name: entry.name.parse().expect("a built-in name keeps its rule"),
            dialects: entry.dialects.to_vec(),
            product: entry
                .product
                .map(|product| product.parse().expect("a built-in product keeps its rule")),
            description: entry
                .description
                .parse()
                .expect("a built-in description keeps its rule"),
            example: Some(entry.example.parse().expect("a built-in example is JSON")),
            built_in: true,
        }
    }
}

/// Event types by their names.
#[derive(Clone, Debug)]
pub struct Catalogue(BTreeMap<EventType, CatalogueEntry>);

impl Catalogue {
    /// The built-in types, and others.
    #[must_use]
    pub fn with(others: impl IntoIterator<Item = CatalogueEntry>) -> Self {
        let built_in = BuiltIn::all().map(CatalogueEntry::from);
        let named = |entry: CatalogueEntry| (entry.name.clone(), entry);
        // What is built in counts, whatever stands in the table.
        Self(others.into_iter().chain(built_in).map(named).collect())
    }

    /// The type with a name.
    #[must_use]
    pub fn find(&self, name: &EventType) -> Option<&CatalogueEntry> {
        self.0.get(name)
    }

    /// All types, by name.
    pub fn entries(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.0.values()
    }

    /// A type that a dialect knows.
    ///
    /// # Errors
    /// Where it does not; the rule says what may have been meant.
    pub fn known_to(
        &self,
        dialect: Dialect,
        name: &EventType,
        called: &str,
    ) -> Result<&CatalogueEntry, Invalid> {
        let known = self.find(name).filter(|entry| entry.is_known_to(dialect));
        known.ok_or_else(|| self.unknown(name, called, |entry| entry.is_known_to(dialect)))
    }

    /// The rule that an unknown name breaks, with what may have been meant.
    ///
    /// * `called`: what the caller's interface calls a type.
    /// * `may_be_meant`: which types may be suggested.
    #[must_use]
    pub fn unknown(
        &self,
        name: &EventType,
        called: &str,
        may_be_meant: impl Fn(&CatalogueEntry) -> bool,
    ) -> Invalid {
        let near = self.near_matches(name, may_be_meant);
        Invalid::new(if near.is_empty() {
            format!("must be {called}")
        } else {
            format!("must be {called}; did you mean {}?", near.join(" or "))
        })
    }

    /// Names that one may have been meant for, the likeliest first.
    fn near_matches(
        &self,
        name: &EventType,
        may_be_meant: impl Fn(&CatalogueEntry) -> bool,
    ) -> Vec<&str> {
        let upper = name.as_str().to_uppercase();
        let score = |entry: &'_ CatalogueEntry| {
            strsim::jaro_winkler(&upper, &entry.name.as_str().to_uppercase())
        };
        let mut scored: Vec<_> = self
            .entries()
            .filter(|entry| may_be_meant(entry))
            .map(|entry| (score(entry), entry.name.as_str()))
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
    fn every_built_in_type_keeps_the_rules_of_one_that_is_added() {
        let catalogue = Catalogue::with([]);
        assert_eq!(
            catalogue.entries().count(),
            BuiltIn::all().count(),
            "a name stands twice"
        );
        for entry in catalogue.entries() {
            assert!(entry.is_known_to(Dialect::Herald), "{}", entry.name);
            let example = entry.example.as_ref().map_or("", JsonObject::as_str);
            assert!(example.len() <= MAX_EXAMPLE_BYTES, "{}", entry.name);
            assert!(!entry.name.as_str().starts_with(RESERVED_PREFIX));
        }
    }

    #[test]
    fn what_is_built_in_counts() {
        let mut forged = CatalogueEntry::built_in(&named("INVOICE_ISSUED")).expect("built in");
        forged.dialects = vec![Dialect::Herald];
        forged.built_in = false;
        let catalogue = Catalogue::with([forged]);
        let found = catalogue.find(&named("INVOICE_ISSUED")).expect("known");
        assert!(found.built_in && found.is_known_to(Dialect::Sequence));
    }

    #[test]
    fn a_typing_error_is_answered_with_what_was_meant() {
        let catalogue = Catalogue::with([]);
        let told = |name: &str| {
            let rule = catalogue.known_to(Dialect::Sequence, &named(name), "a notification type");
            rule.expect_err("unknown").to_string()
        };
        assert!(told("invoice.issued").contains("did you mean INVOICE_ISSUED"));
        assert!(told("CUSTOMER_CRATED").contains("did you mean CUSTOMER_CREATED"));
        assert_eq!(told("x"), "must be a notification type");
        assert!(
            !told("order.receive").contains("order.received"),
            "Sequence has no orders"
        );
    }
}
