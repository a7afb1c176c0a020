//! What is wrong with a value from outside, said in one clause, and the field that holds it.

use std::{borrow::Cow, fmt};

const MISSING: &str = "is required";

/// The rule that a value breaks, as a lowercase clause without a full stop
/// ("must be at most 255 characters").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(Cow<'static, str>);

impl Invalid {
    /// The rule as it is told to the caller.
    pub fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self(rule.into())
    }

    /// The rule that is broken where a field that must be there is missing or null.
    #[must_use]
    pub const fn missing() -> Self {
        Self(Cow::Borrowed(MISSING))
    }

    /// Whether it is broken by what is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0 == MISSING
    }

    /// Names the field that holds the value.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError {
            field: field.into(),
            rule: self,
        }
    }
}

/// A field of a request and the rule that its value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field in the request: `name`, `recipients[2]`.
    pub field: String,
    /// The rule.
    pub rule: Invalid,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

/// How many errors a caller hears of at once.
const MAX_ERRORS: usize = 100;

/// Collects the errors of a body, so that the caller hears of all at once; of a hundred, that is.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Keeps the value, or notes the rule that it breaks.
    pub fn check<T>(&mut self, field: &str, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|rule| self.push(rule.at(field))).ok()
    }

    /// Keeps what was read of an object inside the body, or notes its errors under the field that
    /// holds it.
    pub fn within<T>(&mut self, field: &str, read: Result<T, Vec<FieldError>>) -> Option<T> {
        let note = |found: Vec<FieldError>| {
            for error in found {
                self.push(error.rule.at(format!("{field}.{}", error.field)));
            }
        };
        read.map_err(note).ok()
    }

    /// Notes an error.
    pub fn push(&mut self, error: FieldError) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(error);
        }
    }

    /// The value if nothing was noted and it is there.
    ///
    /// # Errors
    /// Everything that was noted.
    ///
    /// # Panics
    /// Where a value is missing though nothing was noted: whoever drops a value says why.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(value.expect("a value is missing only where an error was noted"))
        } else {
            Err(self.0)
        }
    }
}
