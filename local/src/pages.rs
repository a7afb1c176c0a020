//! What the pages of the local service share: how they look, and whom they are shown to.

use crate::{mailbox, queue::LocalQueue, receiver};
use axum::response::{Html, IntoResponse, Response};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long the queues have to come to rest before something is shown.
const REST: Duration = Duration::from_secs(2);

/// How often a page that lists what comes in looks again.
const LOOK_AGAIN: &str = "<meta http-equiv=\"refresh\" content=\"5\">\n";

/// A page runs no script, loads nothing, and can be put into no other page. What a mail shows
/// stands in one, and is held to the same.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "
  :root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: light-dark(#0b57a4, #8ab4f8); }
  * { box-sizing: border-box; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 0 auto; padding: 1rem 1rem 3rem; }
  nav { display: flex; gap: 1.25rem; font-size: .9rem; padding-bottom: .5rem; border-bottom: 1px solid var(--line); }
  nav strong { margin-right: auto; }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .25rem; overflow-wrap: anywhere; }
  h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
  h1 + p { margin-top: 0; }
  a { color: var(--link); }
  article { border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 1rem 0; }
  article p { margin: .25rem 0 0; overflow-wrap: anywhere; }
  .quiet { opacity: .75; font-size: .9rem; }
  pre { background: var(--soft); padding: .75rem; border-radius: .5rem; margin: .5rem 0 0; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  .good { color: light-dark(#06662b, #6fdc8c); } .bad { color: light-dark(#a2191f, #ff8389); }
  details { margin-top: .75rem; } summary { cursor: pointer; }
  iframe { display: block; width: 100%; height: 40rem; max-height: 85vh; border: 1px solid var(--line); border-radius: .75rem; margin-top: 1rem; resize: vertical; }
  .does { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-top: .75rem; }
  form { margin: 0; }
  button { font: inherit; font-size: .9rem; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .8rem; min-height: 2.5rem; cursor: pointer; }
  button:hover { background: #8883; }
";

/// Whether a caller would rather have a page than JSON.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Lets the queues come to rest, so that who reports an event and looks at once sees what came of
/// it. Queues that are not at rest by then are shown as they are.
pub(crate) async fn settle(queue: &LocalQueue) {
    let _ = timeout(REST, queue.idle()).await;
}

/// A page of the local service.
///
/// * `head`: its title, and whether it looks again.
/// * `body`: HTML.
pub(crate) fn page((title, looks_again): (&str, bool), body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         {again}<title>{title} · Herald</title>\n<style>{STYLE}</style>\n\
         <nav><strong>Herald, locally</strong><a href=\"{webhooks}\">Webhooks</a>\
         <a href=\"{mails}\">E-mails</a></nav>\n<h1>{title}</h1>\n{body}",
        again = if looks_again { LOOK_AGAIN } else { "" },
        title = escape(title),
        webhooks = receiver::PATH,
        mails = mailbox::PATH,
    );
    guarded(Html(html))
}

/// An answer that a browser trusts with nothing.
pub(crate) fn guarded(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Text as HTML, between tags and in attributes with double quotes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Headers, one to a line, behind a word to click on.
pub(crate) fn headers(headers: &[(String, String)]) -> String {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{}: {}\n", escape(name), escape(value)))
        .collect();
    format!("<details><summary>Headers</summary><pre>{lines}</pre></details>")
}
