use super::{Content, Envelope, Unsendable, samples, write};
use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

/// Below what Gmail shows of a message.
const MAX_BYTES: usize = 100_000;

/// The headers of every message, in lower case.
const HEADERS: [&str; 12] = [
    "auto-submitted",
    "content-type",
    "date",
    "from",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "reply-to",
    "subject",
    "to",
    "x-herald-delivery",
];

fn written(content: &Content) -> Vec<u8> {
    write(content, &samples::envelope()).expect("a message")
}

fn parsed(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).expect("a message")
}

fn header_names(message: &Message) -> Vec<String> {
    let headers = message.headers().iter();
    let mut names: Vec<_> = headers.map(|header| header.name().to_lowercase()).collect();
    names.sort();
    names
}

fn text(message: &Message) -> String {
    message.body_text(0).expect("a plain part").into_owned()
}

fn html(message: &Message) -> String {
    message.body_html(0).expect("an HTML part").into_owned()
}

/// Every tag of an HTML text, as it is written.
fn tags(html: &str) -> Vec<String> {
    html.match_indices('<')
        .map(|(at, _)| html[at..].split_inclusive('>').next().unwrap_or_default())
        .map(|tag| tag.split_once(' ').map_or(tag, |(name, _)| name).to_owned())
        .collect()
}

#[test]
fn a_message_says_who_writes_to_whom_and_how_to_stop_it() {
    let raw = written(&samples::plain());
    let message = parsed(&raw);
    let header = |name: &str| {
        let value = message.header_raw(name).unwrap_or_default();
        value.trim().to_owned()
    };
    assert_eq!(
        header("From"),
        "\"Acme Billing\" <notifications@acme.example>"
    );
    assert_eq!(header("To"), "<jane@example.com>");
    assert_eq!(message.subject(), Some("Invoice issued: inv_1"));
    assert_eq!(header("Date"), "Sat, 21 Nov 2026 16:45:30 +0000");
    let delivery = samples::envelope().delivery_id;
    assert_eq!(header("Message-ID"), format!("<{delivery}@acme.example>"));
    let url = samples::plain().unsubscribe_url;
    assert_eq!(header("List-Unsubscribe"), format!("<{url}>"));
    assert_eq!(
        header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("X-Herald-Delivery"), delivery);
    assert_eq!(raw, written(&samples::plain()), "the same every time");
}

#[test]
fn both_parts_tell_the_same_in_unicode() {
    let raw = written(&samples::plain());
    assert!(raw.is_ascii());
    let message = parsed(&raw);
    let root = message.root_part().content_type().expect("a type");
    assert_eq!(
        (root.ctype(), root.subtype()),
        ("multipart", Some("alternative"))
    );
    for part in [text(&message), html(&message)] {
        for told in [
            "Invoice issued",
            "Northwind Traders",
            "Invoice response inv_1",
            "21 November 2026, 16:45 UTC",
            "Käthe Møller GmbH",
            "1428.00",
            "3 items",
            "Invoices to accounting",
            "ops@northwind.example",
            samples::plain().unsubscribe_url,
        ] {
            assert!(part.contains(told), "{told} in {part}");
        }
        assert!(!part.contains("Memo"), "null says nothing");
    }
    assert!(
        !html(&message).contains("href=\"https://pay"),
        "values are no links"
    );
}

#[test]
fn lines_are_no_longer_than_servers_take() {
    let data = samples::nasty_data();
    let content = Content {
        data: Some(&data),
        ..samples::plain()
    };
    let raw = written(&content);
    assert!(raw.len() < MAX_BYTES);
    let raw = String::from_utf8(raw).expect("ASCII");
    // RFC 5322, section 2.1.1.
    assert!(raw.split("\r\n").all(|line| line.len() <= 998));
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']));
}

#[test]
fn what_looks_like_markup_is_text() {
    let data = samples::nasty_data();
    let content = Content {
        data: Some(&data),
        brand: "Evil\r\nBcc: x@example.com <b>",
        policy_name: "<i>policy</i>",
        ..samples::plain()
    };
    let raw = written(&content);
    let message = parsed(&raw);
    let mut expected = HEADERS.to_vec();
    expected.retain(|name| *name != "reply-to");
    assert_eq!(header_names(&message), expected);
    let html = html(&message);
    for refused in ["<script", "<img", "<i>", "<b>", "\u{202e}"] {
        assert!(!html.contains(refused), "{refused}");
    }
    assert!(html.contains("and ") && html.contains(" more fields"));
}

#[test]
fn what_looks_like_an_encoded_word_is_text() {
    let content = Content {
        resource_id: Some("=?us-ascii?Q?a=0D=0ABcc:=20x?="),
        brand: "=?utf-8?Q?=E2=80=AE?=",
        ..samples::plain()
    };
    let raw = written(&content);
    let message = parsed(&raw);
    let told = "Invoice issued: = ?us-ascii?Q?a=0D=0ABcc:=20x?=";
    assert_eq!(message.subject(), Some(told));
    let from = message.from().and_then(|from| from.first()?.name());
    assert_eq!(from, Some("= ?utf-8?Q?=E2=80=AE?="));
}

#[test]
fn what_a_header_cannot_hold_is_refused() {
    let write = |change: fn(&mut Content<'static>, &mut Envelope<'static>)| {
        let (mut content, mut envelope) = (samples::plain(), samples::envelope());
        change(&mut content, &mut envelope);
        write(&content, &envelope).expect_err("unsendable")
    };
    assert_eq!(write(|_, it| it.to = "jürgen@example.com"), Unsendable::To);
    assert_eq!(write(|_, it| it.to = INJECTED), Unsendable::To);
    assert_eq!(write(|_, it| it.from = "nobody"), Unsendable::From);
    assert_eq!(write(|_, it| it.reply_to = Some("x")), Unsendable::ReplyTo);
    assert_eq!(
        write(|_, it| it.delivery_id = "a b"),
        Unsendable::DeliveryId
    );
    assert_eq!(
        write(|it, _| it.unsubscribe_url = "javascript:alert(1)"),
        Unsendable::UnsubscribeUrl
    );
}

const INJECTED: &str = "a@example.com\r\nBcc: b@example.com";

proptest! {
    #[test]
    fn no_text_becomes_a_header_or_markup(text in "[<>\"'&/a-z=@\r\n \u{202e}é]{0,40}|\\PC{0,300}") {
        let data = format!("{{{}:{}}}", serde_json::json!(text), serde_json::json!(text));
        let fill = |text| Content {
            brand: text,
            account: text,
            policy_name: text,
            event_type: text,
            event_id: text,
            resource_type: Some(text),
            resource_id: Some(text),
            contact: None,
            data: None,
            ..samples::plain()
        };
        let content = Content { data: Some(&data), ..fill(&text) };
        let raw = written(&content);
        prop_assert!(raw.len() < MAX_BYTES && raw.is_ascii());
        let message = parsed(&raw);
        let mut expected = HEADERS.to_vec();
        expected.retain(|name| *name != "reply-to");
        prop_assert_eq!(header_names(&message), expected);
        let has_row = !text.trim().is_empty();
        let plain = Content { data: has_row.then_some(r#"{"x":"x"}"#), ..fill("x") };
        let plain = written(&plain);
        let known = tags(&html(&parsed(&plain)));
        for tag in tags(&html(&message)) {
            prop_assert!(known.contains(&tag), "{}", tag);
        }
    }
}
