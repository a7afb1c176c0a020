//! One try of a delivery, and what the other side said.

use crate::recipient::SuspensionReason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How much of an answer's body is kept, in bytes.
pub const KEPT_ANSWER_BYTES: usize = 4 * 1024;

/// One try of a delivery; never changed after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    #[serde(with = "crate::millis")]
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What came of it.
    pub outcome: Outcome,
}

impl Attempt {
    /// One that has just been made.
    #[must_use]
    pub fn new(number: u32, at: Timestamp, ended: Timestamp, outcome: Outcome) -> Self {
        let took = ended.duration_since(at).as_millis();
        Self {
            number,
            at,
            duration_ms: u64::try_from(took).unwrap_or(0),
            outcome,
        }
    }
}

/// What came of an attempt. A refusal is an outcome, not an error of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver answered 2xx.
    Accepted(Answer),
    /// The receiver answered something else.
    Refused(Answer),
    /// No answer: the name, the address, the connection or TLS failed, or our rules for
    /// destinations forbid it.
    Unreachable {
        /// What went wrong, for the policy's owner to read.
        error: String,
    },
    /// The deadline over the whole exchange passed.
    TimedOut,
    /// The mail was accepted, and came back later; or it was not sent, because an earlier one
    /// came back.
    Bounced {
        /// Whether it may arrive another time.
        bounce: Bounce,
        /// What the mailbox's side said, for the policy's owner to read.
        error: String,
    },
}

/// Whether a mail that came back may arrive another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bounce {
    /// Never: there is no such mailbox.
    Hard,
    /// Perhaps: the mailbox is full, or its server is down.
    Soft,
}

/// A receiver's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// The first [`KEPT_ANSWER_BYTES`] of the body; what is not UTF-8 is replaced.
    pub body: String,
}

impl From<Answer> for Outcome {
    /// Any 2xx accepts, everything else refuses (Standard Webhooks 1.0, "Operational
    /// considerations").
    fn from(answer: Answer) -> Self {
        match answer.status {
            200..=299 => Self::Accepted(answer),
            _ => Self::Refused(answer),
        }
    }
}

impl Outcome {
    /// Whether the delivery has arrived.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Why the recipient is not sent to any more: it is gone for good (410, RFC 9110 section
    /// 15.5.11), or there is no such mailbox. `None` where it is.
    #[must_use]
    pub const fn suspends(&self) -> Option<SuspensionReason> {
        match self {
            Self::Refused(Answer { status: 410, .. }) => Some(SuspensionReason::Gone),
            Self::Bounced {
                bounce: Bounce::Hard,
                ..
            } => Some(SuspensionReason::Bounced),
            _ => None,
        }
    }

    /// The answer, where there was one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Accepted(answer) | Self::Refused(answer) => Some(answer),
            Self::Unreachable { .. } | Self::TimedOut | Self::Bounced { .. } => None,
        }
    }

    /// What went wrong, in words; `None` where the delivery has arrived.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(answer) => Some(format!("the receiver answered {}", answer.status)),
            Self::Unreachable { error } => Some(error.clone()),
            Self::Bounced { error, .. } => Some(format!("the mail came back: {error}")),
            Self::TimedOut => Some("the receiver did not answer in time".to_owned()),
        }
    }
}
