//! The mailbox's pages: what was sent, the newest first, and a mail as its reader sees it.

use super::{Opened, PATH, ParsedMail, Standing};
use crate::pages::{self, escape};
use axum::response::Response;
use herald::recipient::SuspensionReason;
use jiff::tz::TimeZone;

/// What a mail shows opens its links elsewhere, and may do nothing else: no scripts, no forms, and
/// no origin.
const SANDBOX: &str = "allow-popups allow-popups-to-escape-sandbox";

const INTRODUCTION: &str = "<p class=\"quiet\">What was sent, the newest first; nothing leaves \
     this machine. The page looks again every 5 seconds.</p>\n";

/// The page about the newest mails.
pub(super) fn list(mails: &[ParsedMail]) -> Response {
    let mut body = INTRODUCTION.to_owned();
    if mails.is_empty() {
        body.push_str("<p>Nothing was sent yet.</p>\n");
    }
    for parsed in mails {
        body.push_str(&format!(
            "<article><h2><a href=\"{PATH}/{file}\">{subject}</a></h2>\n{about}{does}</article>\n",
            file = parsed.file,
            subject = escape(subject(parsed)),
            about = about(parsed),
            does = does(parsed),
        ));
    }
    pages::page(("The local mailbox", true), &body)
}

/// The page about a mail.
pub(super) fn one(opened: &Opened) -> Response {
    let Opened { parsed, standing } = opened;
    // Without a name to send them to, links would open inside the frame.
    let shown = format!("<base target=\"_blank\">{}", parsed.html);
    let standing = standing.as_ref().map(standing_of).unwrap_or_default();
    let body = format!(
        "{about}{standing}{does}\
         <iframe title=\"The mail as HTML\" sandbox=\"{SANDBOX}\" srcdoc=\"{shown}\"></iframe>\n\
         <details><summary>Text</summary><pre>{text}</pre></details>\n{headers}\n",
        about = about(parsed),
        does = does(parsed),
        shown = escape(&shown),
        text = escape(parsed.text.trim()),
        headers = pages::headers(&parsed.headers),
    );
    pages::page((subject(parsed), false), &body)
}

fn subject(parsed: &ParsedMail) -> &str {
    match parsed.subject.as_str() {
        "" => "(no subject)",
        subject => subject,
    }
}

fn about(parsed: &ParsedMail) -> String {
    let when = parsed.sent_at.map(|at| {
        let at = at.to_zoned(TimeZone::UTC);
        at.strftime(" · %-d %B %Y, %H:%M:%S UTC").to_string()
    });
    let to = escape(&parsed.to);
    format!(
        "<p class=\"quiet\">to {to}{}</p>\n",
        when.unwrap_or_default()
    )
}

/// What became of it, in a line.
fn standing_of(standing: &Standing) -> String {
    let delivery = standing.delivery.unwrap_or("not recorded, as it is a test");
    let recipient = match standing.suspended {
        None => "active",
        Some(SuspensionReason::Bounced) => "suspended: a mail came back",
        Some(SuspensionReason::Complained) => "suspended: complained",
        Some(SuspensionReason::Unsubscribed) => "suspended: unsubscribed",
        Some(SuspensionReason::Gone | SuspensionReason::ByHand) => "suspended",
    };
    let class = |is_good| if is_good { "good" } else { "bad" };
    format!(
        "<p>Delivery: <span class=\"{}\">{delivery}</span> · \
         recipient: <span class=\"{}\">{recipient}</span></p>\n",
        class(standing.delivery != Some("failed")),
        class(standing.suspended.is_none()),
    )
}

/// What can be done with it.
fn does(parsed: &ParsedMail) -> String {
    let at = format!("{PATH}/{}", parsed.file);
    let unsubscribe = parsed.unsubscribe.as_ref().map(|url| {
        let url = escape(url);
        format!("<a href=\"{url}\" target=\"_blank\" rel=\"noopener\">Unsubscribe</a>")
    });
    format!(
        "<div class=\"does\"><form method=\"post\" action=\"{at}/bounce\"><button>Let it bounce</button></form>\
         <form method=\"post\" action=\"{at}/complain\"><button>Complain about it</button></form>\
         <a href=\"{at}/raw\">Download</a>{}</div>\n",
        unsubscribe.unwrap_or_default(),
    )
}
