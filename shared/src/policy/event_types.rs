//! Which types of events a policy hears, and the keys that it is found by.

use crate::{dialect::Dialect, event_type::EventType};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most types that a policy names: each is a row.
pub const MAX_EVENT_TYPES: usize = 100;

/// Which types of events a policy hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventTypes {
    /// All that its dialect knows.
    All,
    /// These, at least one, none twice, in the order in which they were named.
    Named(Vec<EventType>),
}

impl EventTypes {
    /// These types, each once; `None` where there are none.
    #[must_use]
    pub fn named(types: impl IntoIterator<Item = EventType>) -> Option<Self> {
        let types = unique(types);
        (!types.is_empty()).then_some(Self::Named(types))
    }

    /// Whether a policy of a dialect hears of a type by them.
    ///
    /// * `knowing`: the dialects that know the type.
    #[must_use]
    pub fn hears(&self, dialect: Dialect, name: &EventType, knowing: &[Dialect]) -> bool {
        match self {
            Self::All => knowing.contains(&dialect),
            Self::Named(types) => types.contains(name),
        }
    }
}

/// What a policy hears, as it stands in the keys of its hints.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKey {
    /// It names the type.
    Type(EventType),
    /// It hears all types of its dialect.
    AllOf(Dialect),
    /// It reads the log, whatever it hears: events are accepted into it.
    Ordered,
}

impl MatchKey {
    /// Everything that a policy which hears a type may name.
    ///
    /// * `dialects`: those that know the type.
    #[must_use]
    pub fn of_event_type(event_type: &EventType, dialects: &[Dialect]) -> Vec<Self> {
        std::iter::once(Self::Type(event_type.clone()))
            .chain(dialects.iter().copied().map(Self::AllOf))
            .collect()
    }
}

impl fmt::Display for MatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(name) => write!(f, "{name}"),
            Self::AllOf(dialect) => write!(f, "*{dialect}"),
            Self::Ordered => f.write_str("*ordered"),
        }
    }
}

/// Each value once, in the order of its first appearance.
pub(super) fn unique<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}
