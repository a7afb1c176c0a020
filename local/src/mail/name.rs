//! The names of mails' files: such as cannot lead out of their folder.

use herald::mail_tags::MailTags;
use serde::Serialize;
use std::{fmt, str::FromStr};

/// The ending of the files.
pub const ENDING: &str = "eml";

/// The name of a mail's file: `A-Z a-z 0-9 _ -`, and the ending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MailName(String);

/// A text is not the name of a mail's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMail;

impl MailName {
    /// The name of the mail of an attempt.
    #[must_use]
    pub fn of(tags: &MailTags) -> Self {
        Self(format!("{}-{}.{ENDING}", tags.delivery, tags.attempt))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the file that has the tags.
    pub(super) fn of_tags(&self) -> String {
        format!("{}json", self.0.trim_end_matches(ENDING))
    }
}

impl FromStr for MailName {
    type Err = NotAMail;

    fn from_str(text: &str) -> Result<Self, NotAMail> {
        let stem = text
            .strip_suffix(ENDING)
            .and_then(|stem| stem.strip_suffix('.'));
        let fits = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
        match stem {
            Some(stem) if !stem.is_empty() && stem.bytes().all(fits) => Ok(Self(text.to_owned())),
            _ => Err(NotAMail),
        }
    }
}

impl fmt::Display for MailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_out_of_its_folder() {
        for name in ["dlv_1-1.eml", "Mail.eml", "a.eml"] {
            assert_eq!(
                name.parse::<MailName>().map(|name| name.to_string()),
                Ok(name.to_owned())
            );
        }
        for name in [
            "",
            ".eml",
            "a",
            "eml",
            "a.json",
            "a.eml.json",
            "../a.eml",
            "..\\a.eml",
            "/a.eml",
            "a/b.eml",
            "a..eml",
            "%2e%2e.eml",
            "a\0.eml",
            "ä.eml",
            "a.eml ",
            "a.EML",
        ] {
            assert_eq!(name.parse::<MailName>(), Err(NotAMail), "{name:?}");
        }
    }

    #[test]
    fn tags_are_kept_beside_their_mail() {
        let name: MailName = "eml-1.eml".parse().expect("a name");
        assert_eq!(name.of_tags(), "eml-1.json");
    }
}
