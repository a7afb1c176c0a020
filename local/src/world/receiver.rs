//! A customer's side in a test: a real HTTP server that answers as it is told.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::{
    collections::{HashMap, VecDeque},
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::{net::TcpListener, sync::Notify};

/// How a receiver answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With a status and nothing else.
    Status(u16),
    /// With a status and a header.
    Header(u16, &'static str, &'static str),
    /// With a status and a body.
    Body(u16, String),
    /// Never.
    Never,
    /// With status 200 and a body without an end.
    Endless,
    /// With status 200, a part of a body, and then nothing more.
    Stalled,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

impl Request {
    /// A header as text.
    ///
    /// # Panics
    /// Where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}"));
        value.to_str().expect("a header is text")
    }
}

/// A running receiver. It stops with the runtime that it was started on.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its address, as `http://127.0.0.1:<port>`.
    pub base: String,
    state: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    by_path: Mutex<HashMap<String, Answer>>,
    received: Mutex<Vec<Request>>,
    arrivals: Notify,
}

impl Receiver {
    /// Starts a receiver that gives these answers, one after the other, and 200 from then on.
    ///
    /// # Panics
    /// Where no port is free.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let state = Arc::new(Shared::default());
        lock(&state.answers).extend(answers);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Router::new().fallback(take).with_state(Arc::clone(&state));
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { base, state }
    }

    /// Has it give these answers, after those that it was told before.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.state.answers).extend(answers);
    }

    /// Has it answer 200 from now on.
    pub fn recover(&self) {
        lock(&self.state.answers).clear();
    }

    /// A URL of the receiver.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Has a path answered in the same way from now on, whatever the other answers are.
    pub fn answer_at(&self, path: &str, answer: Answer) {
        lock(&self.state.by_path).insert(path.to_owned(), answer);
    }

    /// The paths of what came in so far.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let received = self.received();
        received.into_iter().map(|request| request.path).collect()
    }

    /// What came in so far.
    #[must_use]
    pub fn received(&self) -> Vec<Request> {
        lock(&self.state.received).clone()
    }

    /// Returns when so many requests have come in.
    pub async fn until(&self, count: usize) {
        loop {
            let arrival = self.state.arrivals.notified();
            if lock(&self.state.received).len() >= count {
                return;
            }
            arrival.await;
        }
    }
}

async fn take(
    State(state): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    let path = uri.to_string();
    let always = lock(&state.by_path).get(&path).cloned();
    lock(&state.received).push(Request {
        path,
        headers,
        body,
    });
    state.arrivals.notify_waiters();
    let answer = always.or_else(|| lock(&state.answers).pop_front());
    let code = |code| StatusCode::from_u16(code).expect("a status");
    match answer.unwrap_or(Answer::Status(200)) {
        Answer::Status(status) => code(status).into_response(),
        Answer::Header(status, name, value) => {
            let name = HeaderName::from_static(name);
            (code(status), [(name, HeaderValue::from_static(value))]).into_response()
        }
        Answer::Body(status, body) => (code(status), body).into_response(),
        Answer::Never => std::future::pending().await,
        Answer::Endless => {
            let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(8 * 1024)));
            Body::from_stream(chunks).into_response()
        }
        Answer::Stalled => {
            let start = stream::iter([Ok::<_, std::io::Error>("half")]);
            Body::from_stream(start.chain(stream::pending())).into_response()
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}
