//! The receiver that the local service brings along, at `/local/receiver`: it takes webhooks,
//! verifies them as a customer would, and shows them. Add `?status=500` to its URL to have it
//! refuse them.

mod page;
mod verdict;

use crate::{pages, service::Parts};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use url::Url;
use verdict::Verdict;

/// The path of the receiver; every path below it is the receiver, too.
pub const PATH: &str = "/local/receiver";

/// Webhooks that are shown, the newest ones.
const SHOWN: usize = 100;

/// A webhook that came in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    received_at: Timestamp,
    path: String,
    answered: u16,
    verdict: Verdict,
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Clone, Debug)]
struct Receiver {
    base: Url,
    parts: Parts,
    shown: Arc<Mutex<VecDeque<Webhook>>>,
}

#[derive(Deserialize)]
struct Wish {
    status: Option<u16>,
}

/// The routes of the receiver.
///
/// * `base`: the receiver's own URL, to know its policies by.
pub fn routes(base: Url, parts: Parts) -> Router {
    let receiver = Receiver {
        base,
        parts,
        shown: Arc::default(),
    };
    Router::new()
        .route(PATH, get(show).post(take))
        .route(&format!("{PATH}/{{*rest}}"), post(take))
        .with_state(receiver)
}

/// Shows what came in: as a page to browsers, else as JSON.
async fn show(State(receiver): State<Receiver>, headers: HeaderMap) -> Response {
    pages::settle(&receiver.parts.queue).await;
    let shown = receiver.shown().clone();
    if pages::is_wanted(&headers) {
        page::render(&shown)
    } else {
        Json(shown).into_response()
    }
}

async fn take(
    State(receiver): State<Receiver>,
    OriginalUri(uri): OriginalUri,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri
        .path_and_query()
        .map_or_else(|| PATH.to_owned(), ToString::to_string);
    receiver.take(path, &wish, &headers, &body).await
}

impl Receiver {
    async fn take(&self, path: String, wish: &Wish, headers: &HeaderMap, body: &Bytes) -> Response {
        let body = String::from_utf8_lossy(body).into_owned();
        let url = self.base.join(&path).map(String::from).unwrap_or_default();
        let verdict = self.judge(&url, headers, &body).await;
        let status = wish
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::OK);
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let webhook = Webhook {
            received_at: self.parts.clock.now(),
            path,
            answered: status.as_u16(),
            verdict,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body,
        };
        let mut shown = self.shown();
        shown.push_front(webhook);
        shown.truncate(SHOWN);
        (status, "taken\n").into_response()
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, VecDeque<Webhook>> {
        self.shown.lock().expect("no holder of this lock panics")
    }
}
