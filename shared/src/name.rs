//! What a policy or an account is called.

use crate::invalid::Invalid;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A name for people to read: 1 to 255 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() || text.chars().count() > 255 {
            Err(Invalid::new("must be 1 to 255 characters and not blank"))
        } else if text.chars().any(char::is_control) {
            Err(Invalid::new("must not hold control characters"))
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}
