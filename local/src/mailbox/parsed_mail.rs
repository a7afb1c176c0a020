//! A mail as it is read.

use crate::mail::{KeptMail, MailName};
use jiff::Timestamp;
use mail_parser::{Message, MessageParser};
use serde::Serialize;

/// What a mail says. A file that is no mail says little.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParsedMail {
    pub(super) file: MailName,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) sent_at: Option<Timestamp>,
    /// The part for those who see no HTML.
    pub(super) text: String,
    /// Where a `POST` unsubscribes (RFC 8058).
    pub(super) unsubscribe: Option<String>,
    /// The part for the others.
    #[serde(skip)]
    pub(super) html: String,
    /// As they stand in the file.
    #[serde(skip)]
    pub(super) headers: Vec<(String, String)>,
}

impl ParsedMail {
    pub(super) fn read(mail: &KeptMail) -> Self {
        let message = MessageParser::default().parse(&mail.raw);
        let message = message.unwrap_or_default();
        let headers = message.headers_raw();
        Self {
            file: mail.name.clone(),
            from: address(message.from()),
            to: address(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            sent_at: message
                .date()
                .and_then(|date| Timestamp::from_second(date.to_timestamp()).ok()),
            text: message
                .body_text(0)
                .unwrap_or_default()
                .replace("\r\n", "\n"),
            unsubscribe: unsubscribe(&message),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
        }
    }
}

fn address(found: Option<&mail_parser::Address>) -> String {
    let first = found.and_then(|found| found.first());
    let address = first.and_then(|first| first.address());
    address.unwrap_or_default().to_owned()
}

/// The first URL of the header (RFC 2369, section 3.2), where it is one of the web.
fn unsubscribe(message: &Message) -> Option<String> {
    let value = message.header_raw("List-Unsubscribe")?;
    let (_, rest) = value.split_once('<')?;
    let (url, _) = rest.split_once('>')?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web.then(|| url.to_owned())
}
