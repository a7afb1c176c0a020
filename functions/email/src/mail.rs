//! From what is known about an event to the e-mail that tells one person about it. The same
//! values give the same bytes: nothing here reads a clock or draws a random number.

mod body;
mod fields;
mod mailbox;
mod message;
#[cfg(test)]
mod samples;
mod shown;
mod subject;
#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;

/// What to tell. Any text may come from a customer: all of it is made harmless on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    /// Who writes.
    pub(crate) brand: &'a str,
    /// Whose event it is: a name or an id for people to read.
    pub(crate) account: &'a str,
    /// The policy that lists the address.
    pub(crate) policy_name: &'a str,
    /// The type's name in the catalogue, such as `INVOICE_ISSUED`.
    pub(crate) event_type: &'a str,
    /// The event's id.
    pub(crate) event_id: &'a str,
    /// What kind of thing the event is about, such as `InvoiceResponse`.
    pub(crate) resource_type: Option<&'a str>,
    /// Which one of them.
    pub(crate) resource_id: Option<&'a str>,
    /// A JSON object. Anything else makes an e-mail without a table.
    pub(crate) data: Option<&'a str>,
    /// When it happened.
    pub(crate) occurred_at: Timestamp,
    /// The address of who knows about the policy.
    pub(crate) contact: Option<&'a str>,
    /// Where a `GET` asks whether to unsubscribe and a `POST` does it (RFC 8058): `https`, or
    /// `http` on this machine.
    pub(crate) unsubscribe_url: &'a str,
    /// Whether somebody only tries whether e-mail arrives.
    pub(crate) is_test: bool,
}

/// Who gets it from whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope<'a> {
    /// The address that it comes from; its domain is in the `Message-ID`, too.
    pub(crate) from: &'a str,
    /// Where answers go, unless to that address.
    pub(crate) reply_to: Option<&'a str>,
    /// The recipient's address.
    pub(crate) to: &'a str,
    /// The delivery's id: 1 to 60 of `A-Z a-z 0-9 _ -`. Every attempt has the same
    /// `Message-ID`, by which a mail server may tell that it has the message.
    pub(crate) delivery_id: &'a str,
    /// When it is sent.
    pub(crate) sent_at: Timestamp,
}

/// A value that has no place in a header of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsendable {
    /// The address that it comes from.
    #[error("the sender's address cannot be written in a message")]
    From,
    /// The address for answers.
    #[error("the address for answers cannot be written in a message")]
    ReplyTo,
    /// The recipient's address.
    #[error("the recipient's address cannot be written in a message")]
    To,
    /// The delivery's id.
    #[error("the delivery's id cannot be written in a message")]
    DeliveryId,
    /// The URL to unsubscribe at.
    #[error("the URL to unsubscribe at cannot be written in a message")]
    UnsubscribeUrl,
}

/// Writes the whole message (RFC 5322), lines ending in CRLF. It stays below 100 KB whatever the
/// content: Gmail shows no more than 102 KB of one.
///
/// # Errors
/// Where an address, the delivery's id or the URL cannot be written in a header as it is. They are
/// not repaired: a repaired address is somebody else's.
pub(crate) fn write(content: &Content, envelope: &Envelope) -> Result<Vec<u8>, Unsendable> {
    let headers = message::Headers::check(content, envelope)?;
    let subject = subject::subject(content);
    let (html, text) = body::render(content);
    Ok(message::write(&headers, &subject, &html, &text))
}
