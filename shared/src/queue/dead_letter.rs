//! Messages that nobody could handle, and why.

use super::is_sendable;
use std::fmt;

/// The longest reason, in bytes.
const MAX_REASON_BYTES: usize = 2_048;

/// A message that nobody could handle.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its body.
    pub body: String,
    /// Why it is one, where its reader said so. A message that failed too often has none; the log
    /// says why.
    pub reason: Option<Reason>,
}

impl fmt::Debug for DeadLetter {
    /// Without the body, which holds what no log shall show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        write!(f, "DeadLetter({bytes} bytes, {:?})", self.reason)
    }
}

/// Why a message is a dead letter: one line of at most 2,048 bytes that an attribute of an SQS
/// message can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// From a text, which is cut where it is too long; what no attribute can hold becomes a space.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let plain = text.replace(|c: char| c.is_control() || !is_sendable(c), " ");
        let end = plain.floor_char_boundary(MAX_REASON_BYTES);
        Self(plain[..end].to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reason_is_one_line_that_sqs_takes(chars in prop::collection::vec(any::<char>(), 0..2_500)) {
            let text: String = chars.into_iter().chain(['\u{fffe}', '\0', '\n']).collect();
            let reason = Reason::new(&text);
            prop_assert!(reason.as_str().len() <= MAX_REASON_BYTES);
            prop_assert!(reason.as_str().chars().all(|c| is_sendable(c) && !c.is_control()));
        }
    }
}
