//! The receiver's page: what came in, the newest first.

use super::{Verdict, Webhook};
use crate::pages::{self, escape};
use axum::response::Response;
use std::{collections::VecDeque, fmt::Write};

const INTRODUCTION: &str = "<p class=\"quiet\">What came to this URL and below it, the newest \
     first; the page looks again every 5 seconds.</p>\n";

/// The page about some webhooks.
pub(super) fn render(webhooks: &VecDeque<Webhook>) -> Response {
    let mut body = INTRODUCTION.to_owned();
    if webhooks.is_empty() {
        body.push_str("<p>Nothing has come in yet.</p>\n");
    }
    for webhook in webhooks {
        let (class, verdict) = match webhook.verdict {
            Verdict::Verified => ("good", "signatures verified"),
            Verdict::WrongSignature => ("bad", "wrong signature"),
            Verdict::UnknownSender => ("bad", "no policy names this URL"),
            Verdict::Probe => ("quiet", "asks for health"),
        };
        // Writing to a string does not fail.
        let _ = write!(
            body,
            "<article><h2>{at} · <span class=\"{class}\">{verdict}</span> · answered {status}</h2>\n\
             <pre>POST {path}\n\n{content}</pre>\n{headers}</article>\n",
            at = webhook.received_at,
            status = webhook.answered,
            path = escape(&webhook.path),
            content = escape(&webhook.body),
            headers = pages::headers(&webhook.headers),
        );
    }
    pages::page(("The local receiver", true), &body)
}
