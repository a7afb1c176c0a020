//! What SES tells through EventBridge of a mail that was sent ("Amazon SES event publishing",
//! the records of bounces and complaints).

use herald::{
    attempt::Bounce,
    mail_tags::MailTags,
    queue::inbox::{Record, UnknownMessage},
};
use serde::Deserialize;
use std::collections::HashMap;

/// How much of what the mailbox's side said is kept, in characters.
const KEPT_CHARS: usize = 500;

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Which mail it was.
    pub(crate) mail: MailTags,
    /// What became of it.
    pub(crate) news: News,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It came back.
    Bounced {
        bounce: Bounce,
        /// What the mailbox's side said.
        error: String,
    },
    /// Who reads the mailbox called it unwanted.
    Complained,
    /// Nothing that concerns us, and why.
    Other(&'static str),
}

#[derive(Deserialize)]
struct Envelope {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<BounceDetail>,
}

#[derive(Deserialize)]
struct Mail {
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BounceDetail {
    bounce_type: String,
    #[serde(default)]
    bounce_sub_type: String,
    #[serde(default)]
    bounced_recipients: Vec<BouncedRecipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BouncedRecipient {
    action: Option<String>,
    status: Option<String>,
    diagnostic_code: Option<String>,
}

/// Reads a message; `None` where the mail was not one of ours.
///
/// # Errors
/// Where it is none that SES sends.
pub(crate) fn read(record: &Record) -> Result<Option<Notification>, UnknownMessage> {
    let Envelope { detail } = record.message()?;
    let tag = |name: &str| detail.mail.tags.get(name)?.first().map(String::as_str);
    let Some(mail) = MailTags::read(tag) else {
        return Ok(None);
    };
    let news = match (detail.event_type.as_str(), &detail.bounce) {
        ("Bounce", Some(bounce)) => bounce.news(),
        ("Complaint", _) => News::Complained,
        _ => News::Other("neither a bounce nor a complaint"),
    };
    Ok(Some(Notification { mail, news }))
}

impl BounceDetail {
    fn news(&self) -> News {
        // Every mail has one recipient.
        let recipient = self.bounced_recipients.first();
        let said = recipient.and_then(|recipient| {
            let said = recipient
                .diagnostic_code
                .as_ref()
                .or(recipient.status.as_ref());
            said.cloned()
        });
        let is_failure = recipient.is_some_and(|recipient| {
            recipient.action.as_deref() == Some("failed") || recipient.status.is_some()
        });
        let bounce = match self.bounce_type.as_str() {
            "Permanent" => Bounce::Hard,
            // SES tells out-of-office replies as transient bounces without a status; those mails
            // have arrived.
            _ if !is_failure => return News::Other("an automatic reply"),
            _ => Bounce::Soft,
        };
        let kind = format!("{} {}", self.bounce_type, self.bounce_sub_type);
        let error = said.unwrap_or_else(|| kind.trim().to_owned());
        News::Bounced {
            bounce,
            error: error.chars().take(KEPT_CHARS).collect(),
        }
    }
}
