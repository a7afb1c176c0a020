//! The types of the published interfaces, each interface in a module of its own.

mod cybersource;
mod lune;
mod pulse;
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

/// The types of one interface.
struct Interface {
    dialects: &'static [Dialect],
    product: Option<&'static str>,
    /// Name, description and example of each.
    types: &'static [(&'static str, &'static str, &'static str)],
}

const INTERFACES: [Interface; 4] = [
    sequence::INTERFACE,
    cybersource::INTERFACE,
    lune::INTERFACE,
    pulse::INTERFACE,
];

impl BuiltIn {
    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        INTERFACES.into_iter().flat_map(|interface| {
            let types = interface.types.iter();
            types.map(move |(name, description, example)| Self {
                name,
                dialects: interface.dialects,
                product: interface.product,
                description,
                example,
            })
        })
    }

    /// The one with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|entry| entry.name == name)
    }

    /// Those that a dialect knows.
    pub fn of(dialect: Dialect) -> impl Iterator<Item = Self> {
        Self::all().filter(move |entry| entry.dialects.contains(&dialect))
    }
}
