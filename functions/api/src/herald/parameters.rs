//! The parameters of lists, and the pages that they answer with.

use ::herald::invalid::{FieldErrors, Invalid};
use serde::Serialize;
use std::collections::HashMap;

/// Items of a page, unless the caller asks for another number.
const DEFAULT_LIMIT: usize = 20;

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    pub(super) pagination: Pagination,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Pagination {
    /// Where to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}

/// The parameters of a request, and what is wrong with them.
pub(super) struct Parameters<'a> {
    query: &'a HashMap<String, String>,
    pub(super) errors: FieldErrors,
}

/// A text to look for, in lower case.
pub(super) fn text(text: &str) -> Result<String, Invalid> {
    let fits = (1..=255).contains(&text.chars().count());
    let rule = || Invalid::new("must be 1 to 255 characters");
    fits.then(|| text.to_lowercase()).ok_or_else(rule)
}

impl<'a> Parameters<'a> {
    /// Takes them; notes those that the list does not know.
    pub(super) fn new(query: &'a HashMap<String, String>, known: &[&str]) -> Self {
        let mut errors = FieldErrors::default();
        for name in query.keys().filter(|name| !known.contains(&name.as_str())) {
            errors.push(Invalid::new("is not a parameter of this list").at(name));
        }
        Self { query, errors }
    }

    /// A parameter, where it is given and keeps its rule.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.errors.check(name, parse(self.query.get(name)?))
    }

    /// How many items a page shall have.
    pub(super) fn limit(&mut self) -> usize {
        let limit = self.read("limit", |text| {
            let number = text.parse().ok().filter(|limit| (1..=100).contains(limit));
            number.ok_or_else(|| Invalid::new("must be a whole number from 1 to 100"))
        });
        limit.unwrap_or(DEFAULT_LIMIT)
    }
}
