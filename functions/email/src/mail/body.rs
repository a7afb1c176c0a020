//! The two parts that people read: the same content as HTML and as plain text.

use super::{
    Content,
    fields::{Fields, Row},
    mailbox::Mailbox,
    shown::Shown,
    subject::headline,
    words::readable,
};
use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

/// How long names of brands, accounts and policies are at most, in characters.
const MAX_NAME: usize = 120;

/// How long ids and types are at most, in characters.
const MAX_ID: usize = 130;

/// What both parts show.
struct Body<'a> {
    brand: Shown,
    headline: Shown,
    /// What comes up beside the subject in a list of messages.
    preview: Shown,
    /// Whose, what and when.
    facts: Vec<Row>,
    fields: Fields,
    policy: Shown,
    account: Shown,
    contact: Option<Contact>,
    unsubscribe_url: &'a str,
    event_type: Shown,
    event_id: Shown,
    is_test: bool,
}

struct Contact {
    address: Shown,
    link: Option<String>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    body: &'a Body<'a>,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    body: &'a Body<'a>,
}

/// The HTML part and the plain text part. The URL to unsubscribe at must have been checked.
pub(super) fn render(content: &Content) -> (String, String) {
    let body = Body::new(content);
    let written = "writing to a string does not fail";
    let html = Html { body: &body }.render().expect(written);
    let text = Text { body: &body }.render().expect(written);
    (html, text)
}

impl<'a> Body<'a> {
    fn new(content: &Content<'a>) -> Self {
        let when = date_and_time(content.occurred_at);
        let resource = resource(content);
        let about = if resource.is_empty() {
            String::new()
        } else {
            format!("{resource}, ")
        };
        let facts = [
            ("Account", content.account),
            ("Resource", &resource),
            ("When", &when),
        ];
        Self {
            brand: Shown::new(content.brand, MAX_NAME),
            headline: headline(content),
            preview: Shown::new(&format!("{about}{when}"), MAX_NAME),
            facts: facts
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(label, value)| Row::new(label, value))
                .collect(),
            fields: content.data.map(Fields::read).unwrap_or_default(),
            policy: Shown::new(content.policy_name, MAX_NAME),
            account: Shown::new(content.account, MAX_NAME),
            contact: content.contact.map(Contact::new),
            unsubscribe_url: content.unsubscribe_url,
            event_type: Shown::new(content.event_type, MAX_ID),
            event_id: Shown::new(content.event_id, MAX_ID),
            is_test: content.is_test,
        }
    }
}

impl Contact {
    fn new(address: &str) -> Self {
        Self {
            address: Shown::new(address, MAX_ID),
            link: Mailbox::parse(address).and_then(|mailbox| mailbox.link()),
        }
    }
}

/// A resource such as "Invoice response inv_1"; empty where the event names none.
fn resource(content: &Content) -> String {
    let kind = content.resource_type.map(readable).unwrap_or_default();
    let id = content.resource_id.unwrap_or_default();
    format!("{kind} {id}").trim().to_owned()
}

/// An instant such as "21 November 2026, 16:45 UTC".
fn date_and_time(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}
