//! Who takes a mail on its way: SES on AWS, a folder in the local service.

use futures::future::BoxFuture;
use herald::{attempt::Outcome, email::EmailAddress};
use std::{error::Error, fmt};

/// A mail, ready to send.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Whom it goes to.
    pub to: EmailAddress,
    /// The whole message (RFC 5322), ASCII only.
    pub raw: Vec<u8>,
    /// Names and values by which it is known again.
    pub tags: Vec<(&'static str, String)>,
}

impl fmt::Debug for OutgoingMail {
    /// Without what no log shall show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutgoingMail({:?}, {} bytes)", self.to, self.raw.len())
    }
}

/// Takes mails.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Hands a mail over. A refusal is an outcome.
    fn send(&self, mail: OutgoingMail) -> BoxFuture<'_, Result<Outcome, MailerError>>;
}

/// A mail could not be handed over.
#[derive(Debug, thiserror::Error)]
#[error("the mailer cannot be reached")]
pub struct MailerError(#[source] Box<dyn Error + Send + Sync>);

impl MailerError {
    /// What went wrong.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}
