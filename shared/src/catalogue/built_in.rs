//! The types of the published interfaces, each interface in a module of its own.

mod cybersource;
mod lune;
mod sequence;

use crate::dialect::Dialect;

/// A type that comes with Herald.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// The dialects that know it.
    pub dialects: &'static [Dialect],
    /// The product that it belongs to.
    pub product: Option<&'static str>,
    /// What has happened.
    pub description: &'static str,
    /// What its `data` may look like, as compact JSON.
    pub example: &'static str,
}

impl BuiltIn {
    /// Every one.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [sequence::TYPES, cybersource::TYPES, lune::TYPES]
            .into_iter()
            .flatten()
    }

    /// The one with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|entry| entry.name == name)
    }

    /// Those that a dialect knows.
    pub fn of(dialect: Dialect) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(move |entry| entry.dialects.contains(&dialect))
    }
}
