//! The message: headers and two parts, as mail servers take them.

use super::{Content, Envelope, Unsendable, mailbox::Mailbox, shown::Shown};
use mail_builder::{
    MessageBuilder,
    headers::{
        HeaderType, address::Address, content_type::ContentType, date::Date, message_id::MessageId,
        raw::Raw, url::URL,
    },
    mime::MimePart,
};

/// How long the name of who writes is at most, in characters.
const MAX_BRAND: usize = 60;

/// How long a delivery's id is at most, in bytes: the boundary made of it has at most 70
/// (RFC 2046, section 5.1.1).
const MAX_DELIVERY_ID: usize = 60;

/// How long the URL is at most, in bytes: it is not folded, and a line has at most 998 (RFC 5322,
/// section 2.1.1).
const MAX_URL: usize = 900;

/// The values of headers that are written as they are. That they hold no line break, space or
/// bracket is what keeps one from adding headers.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    brand: Shown,
    from: Mailbox<'a>,
    reply_to: Option<Mailbox<'a>>,
    to: Mailbox<'a>,
    delivery_id: &'a str,
    unsubscribe_url: &'a str,
    sent_at: i64,
}

impl<'a> Headers<'a> {
    pub(super) fn check(
        content: &Content<'a>,
        envelope: &Envelope<'a>,
    ) -> Result<Self, Unsendable> {
        let reply_to = match envelope.reply_to {
            Some(address) => Some(Mailbox::parse(address).ok_or(Unsendable::ReplyTo)?),
            None => None,
        };
        Ok(Self {
            brand: Shown::new(&literal(content.brand), MAX_BRAND),
            from: Mailbox::parse(envelope.from).ok_or(Unsendable::From)?,
            reply_to,
            to: Mailbox::parse(envelope.to).ok_or(Unsendable::To)?,
            delivery_id: delivery_id(envelope.delivery_id).ok_or(Unsendable::DeliveryId)?,
            unsubscribe_url: web_url(content.unsubscribe_url).ok_or(Unsendable::UnsubscribeUrl)?,
            sent_at: envelope.sent_at.as_second(),
        })
    }

    fn message_id(&self) -> String {
        format!("{}@{}", self.delivery_id, self.from.domain())
    }

    /// A boundary that occurs in neither part. Those that are encoded have no `=_` (RFC 2045,
    /// section 6.7); one that is not is searched.
    fn boundary(&self, parts: &[&str]) -> String {
        let candidate = |number: usize| match number {
            0 => format!("=_{}", self.delivery_id),
            number => format!("=_{}_{number}", self.delivery_id),
        };
        (0..)
            .map(candidate)
            .find(|boundary| parts.iter().all(|part| !part.contains(boundary.as_str())))
            .expect("a finite text does not hold every number")
    }
}

/// Writes a `multipart/alternative` message, the richest part last (RFC 2046, section 5.1.4).
pub(super) fn write(headers: &Headers, subject: &str, html: &str, text: &str) -> Vec<u8> {
    let content_type = ContentType::new("multipart/alternative")
        .attribute("boundary", headers.boundary(&[html, text]));
    let parts = vec![
        MimePart::new("text/plain", text),
        MimePart::new("text/html", html),
    ];
    let name = Some(headers.brand.as_str()).filter(|brand| !brand.is_empty());
    let from = Address::new_address(name, headers.from.as_str());
    let mut builder = MessageBuilder::new().from(from).to(headers.to.as_str());
    if let Some(reply_to) = headers.reply_to {
        builder = builder.reply_to(reply_to.as_str());
    }
    let url = HeaderType::URL(URL::new(headers.unsubscribe_url));
    let raw = |value| HeaderType::Raw(Raw::new(value));
    let mut message = Vec::new();
    builder
        .subject(literal(subject))
        .date(Date::new(headers.sent_at))
        .message_id(MessageId::new(headers.message_id()))
        .header("List-Unsubscribe", url)
        // RFC 8058, section 3.1.
        .header("List-Unsubscribe-Post", raw("List-Unsubscribe=One-Click"))
        // RFC 3834, section 5: an absence note is no answer to this.
        .header("Auto-Submitted", raw("auto-generated"))
        .header("X-Herald-Delivery", raw(headers.delivery_id))
        .body(MimePart::new(content_type, parts))
        .serialize(&mut message);
    message
}

/// Text that no reader takes for encoded words, which could hold what [`Shown`] keeps out
/// (RFC 2047, section 2).
fn literal(text: &str) -> String {
    text.replace("=?", "= ?")
}

fn delivery_id(id: &str) -> Option<&str> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
    ((1..=MAX_DELIVERY_ID).contains(&id.len()) && id.bytes().all(allowed)).then_some(id)
}

/// A URL of the web in ASCII that needs no quoting, neither in a header nor in plain text.
fn web_url(url: &str) -> Option<&str> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let allowed = |c: u8| c.is_ascii_graphic() && !b"<>\"\\^`{|},".contains(&c);
    (is_web && url.len() <= MAX_URL && url.bytes().all(allowed)).then_some(url)
}
