//! The receiver's page: what came in, the newest first.

use super::{Verdict, Webhook};
use std::{collections::VecDeque, fmt::Write};

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>Herald: the local receiver</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
  article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
  pre { overflow-x: auto; background: #8881; padding: .75rem; border-radius: .25rem; margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
  .good { color: light-dark(#06662b, #6fdc8c); } .bad { color: light-dark(#a2191f, #ff8389); }
  summary { cursor: pointer; margin-top: .5rem; }
</style>
<h1>The local receiver</h1>
<p>What came to this URL and below it, the newest first; the page looks again every 5 seconds.</p>
"#;

/// The page about some webhooks.
pub(super) fn render(webhooks: &VecDeque<Webhook>) -> String {
    let mut page = HEAD.to_owned();
    if webhooks.is_empty() {
        page.push_str("<p>Nothing has come in yet.</p>\n");
    }
    for webhook in webhooks {
        let (class, verdict) = match webhook.verdict {
            Verdict::Verified => ("good", "signatures verified"),
            Verdict::WrongSignature => ("bad", "wrong signature"),
            Verdict::UnknownSender => ("bad", "no policy names this URL"),
        };
        let mut headers = String::new();
        for (name, value) in &webhook.headers {
            headers.push_str(&format!("{}: {}\n", escape(name), escape(value)));
        }
        // Writing to a string does not fail.
        let _ = write!(
            page,
            "<article><h2>{at} · <span class=\"{class}\">{verdict}</span> · answered {status}</h2>\n\
             <pre>POST {path}\n\n{body}</pre>\n\
             <details><summary>Headers</summary><pre>{headers}</pre></details></article>\n",
            at = webhook.received_at,
            status = webhook.answered,
            path = escape(&webhook.path),
            body = escape(&webhook.body),
        );
    }
    page
}

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
