//! The fields of a JSON body, taken one by one so that all errors come at once, and values are
//! kept letter for letter where it matters.

use crate::invalid::{FieldError, FieldErrors, Invalid};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, str::FromStr};

/// The fields of a JSON object.
#[derive(Debug)]
pub struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    /// Reads a body.
    ///
    /// # Errors
    /// Where it is no JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| Invalid::new("must be a JSON object").at("body"))
    }

    /// Reads a body that may be empty: it has no fields then.
    ///
    /// # Errors
    /// Where it is something else, and no JSON object.
    pub fn parse_optional(body: &[u8]) -> Result<Self, FieldError> {
        if body.is_empty() {
            return Ok(Self(BTreeMap::new()));
        }
        Self::parse(body)
    }

    /// Whether a field is there, null or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a field is not there, or null.
    #[must_use]
    pub fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_none_or(|raw| raw.get() == "null")
    }

    /// Notes an error for each of these that is missing or null.
    pub fn require(&self, names: &[&str], errors: &mut FieldErrors) {
        for name in names.iter().filter(|name| self.is_null(name)) {
            errors.push(Invalid::missing().at(*name));
        }
    }

    /// A field's value, where it is there and not null. Where it is of another type, the error
    /// is noted.
    pub fn optional<T: DeserializeOwned>(
        &self,
        name: &str,
        expected: &'static str,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        let raw = self.0.get(name).filter(|raw| raw.get() != "null")?;
        let value = serde_json::from_str(raw.get()).map_err(|_| Invalid::new(expected));
        errors.check(name, value)
    }

    /// A field's value. Where it is missing, null or of another type, the error is noted.
    pub fn required<T: DeserializeOwned>(
        &self,
        name: &str,
        expected: &'static str,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        self.require(&[name], errors);
        self.optional(name, expected, errors)
    }

    /// What a text field holds, where it is there and not null. What breaks its rule is noted.
    pub fn text<T: FromStr<Err = Invalid>>(
        &self,
        name: &str,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        let text: String = self.optional(name, TEXT, errors)?;
        errors.check(name, text.parse())
    }

    /// What a text field holds. Where it is missing or null, or breaks its rule, the error is
    /// noted.
    pub fn required_text<T: FromStr<Err = Invalid>>(
        &self,
        name: &str,
        errors: &mut FieldErrors,
    ) -> Option<T> {
        let text: String = self.required(name, TEXT, errors)?;
        errors.check(name, text.parse())
    }

    /// Notes an error for every field that is not one of these.
    pub fn only(&self, known: &[&str], errors: &mut FieldErrors) {
        for name in self.0.keys().filter(|name| !known.contains(&name.as_str())) {
            let name = if is_plain(name) { name } else { "…" };
            errors.push(Invalid::new("is not a known field").at(name));
        }
    }
}

/// Whether a field's name may be told, and logged: any other may be a value, and the customer's.
fn is_plain(name: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"_-.".contains(&c);
    name.len() <= 64 && name.bytes().all(is_plain)
}

/// What a text field that is no text is told.
pub const TEXT: &str = "must be a string";
/// What a flag that is none is told.
pub const FLAG: &str = "must be true or false";
/// What is told where anything may stand that is JSON.
pub const JSON: &str = "must be JSON";
/// What a time that is none is told.
pub const TIME: &str = "must be an RFC 3339 time";
/// What a list of texts that is none is told.
pub const TEXTS: &str = "must be an array of strings";

/// A time of RFC 3339.
///
/// # Errors
/// Where it is none.
pub fn time(text: &str) -> Result<Timestamp, Invalid> {
    text.parse().map_err(|_| Invalid::new(TIME))
}
