//! Texts with rules, as types: a rule says what a text must be, and everything else follows.

use crate::invalid::Invalid;

/// Makes a text a type: it is read by its rule alone, by `FromStr` and by serde, and shown as it
/// is.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $rule:expr) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::invalid::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let rule: fn(&str) -> Result<(), Self::Err> = $rule;
                rule(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::invalid::Invalid;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(crate) use text_type;

/// The rule of names that programs give to things: 1 to 128 of `A-Z a-z 0-9 _ . : -`.
///
/// # Errors
/// Where a text breaks it.
pub(crate) fn program_name(text: &str) -> Result<(), Invalid> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_.:-".contains(&c);
    if (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(Invalid::new("must be 1 to 128 of A-Z a-z 0-9 _ . : -"))
    }
}
