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

/// The rule of names that programs give to things: 1 to 128 of `A-Z a-z 0-9 _ . : -`, and a
/// [`path_segment`].
///
/// # Errors
/// Where a text breaks it.
pub(crate) fn program_name(text: &str) -> Result<(), Invalid> {
    path_segment(text, 128, "_ . : -")
}

/// The rule of what is named in paths: so many at most of `A-Z a-z 0-9` and of some others, and neither
/// `.` nor `..`, which whoever makes a URL of them takes for steps (RFC 3986, section 5.2.4).
///
/// * `others`: ASCII, each apart from the next by a space.
///
/// # Errors
/// Where a text breaks it.
pub(crate) fn path_segment(text: &str, most: usize, others: &str) -> Result<(), Invalid> {
    let is_other = |c: char| c != ' ' && others.contains(c);
    let mut chars = text.chars();
    let is_plain = chars.all(|c| c.is_ascii_alphanumeric() || is_other(c));
    if !is_plain || !(1..=most).contains(&text.len()) {
        let rule = format!("must be 1 to {most} of A-Z a-z 0-9 {others}");
        return Err(Invalid::new(rule));
    }
    match text {
        "." | ".." => Err(Invalid::new("must not be . or .., which no path holds")),
        _ => Ok(()),
    }
}
