//! The only way to the world: one HTTP client with a filter in its resolver, no redirects, no
//! proxies, one deadline over the whole exchange, and a cap on what is read.

use crate::{request::SignedRequest, retry_after};
use futures::future::BoxFuture;
use herald::{
    address::all_global,
    attempt::{Answer, KEPT_ANSWER_BYTES, Outcome},
    clock::Clock,
    destination::{DestinationRules, WebhookUrl},
    sender::Carried,
};
use http::header::RETRY_AFTER;
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// How much of an answer's body is read at most, in bytes: enough to end most answers, so that
/// their connection can be used again; after more it is closed.
const READ_ANSWER_BYTES: usize = 64 * 1024;

/// How long an idle connection is kept for the next request to the same host.
const IDLE: Duration = Duration::from_secs(30);

/// Finds the addresses of a host name.
pub trait Lookup: fmt::Debug + Send + Sync {
    /// The addresses of a name, one or more.
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The client for webhooks.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    rules: Arc<DestinationRules>,
    deadline: Duration,
}

impl Client {
    /// How long a receiver has at most.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// A client that goes where the rules allow.
    ///
    /// * `deadline`: for DNS, connection, TLS, headers and body together.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one owner of connections to the world"
    )]
    pub fn new(
        rules: DestinationRules,
        lookup: Arc<dyn Lookup>,
        deadline: Duration,
    ) -> Result<Self, reqwest::Error> {
        // Every client of the process uses ring; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("Herald/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(PublicResolver(lookup))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self {
            http,
            rules: Arc::new(rules),
            deadline,
        })
    }

    /// Asks a URL for its health: with an empty `POST`.
    pub(crate) async fn probe(&self, url: &WebhookUrl, clock: &dyn Clock) -> Outcome {
        let nothing = SignedRequest {
            headers: Vec::new(),
            body: String::new(),
        };
        let answered = self.post(url, nothing, self.deadline, clock).await;
        answered.outcome
    }

    /// Makes an attempt.
    ///
    /// * `deadline`: how long the receiver has for the whole exchange.
    pub(crate) async fn post(
        &self,
        url: &WebhookUrl,
        request: SignedRequest,
        deadline: Duration,
        clock: &dyn Clock,
    ) -> Carried {
        let url = match self.rules.admit(url) {
            Ok(url) => url,
            Err(rule) => {
                let error = format!("the URL {rule}");
                return Outcome::Unreachable { error }.into();
            }
        };
        let mut post = self.http.post(url).body(request.body);
        for (name, value) in request.headers {
            post = post.header(&*name, value);
        }
        let deadline = Instant::now() + deadline;
        match timeout_at(deadline, post.send()).await {
            Err(_) => Outcome::TimedOut.into(),
            Ok(Err(error)) => {
                let error = innermost(&error);
                Outcome::Unreachable { error }.into()
            }
            Ok(Ok(response)) => {
                let retry_after = retry_after_of(&response, clock);
                let answer = Answer {
                    status: response.status().as_u16(),
                    body: read_start(response, deadline).await,
                };
                Carried {
                    outcome: answer.into(),
                    retry_after,
                }
            }
        }
    }
}

fn retry_after_of(response: &reqwest::Response, clock: &dyn Clock) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after::parse(value, clock.now())
}

/// The start of an answer's body. With the status the receiver has answered: a body that breaks
/// off, or is not at its end by the deadline, changes nothing of that.
async fn read_start(mut response: reqwest::Response, deadline: Instant) -> String {
    let mut kept = Vec::new();
    let mut read = 0;
    while read < READ_ANSWER_BYTES
        && let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await
    {
        let room = KEPT_ANSWER_BYTES.saturating_sub(kept.len());
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        read += chunk.len();
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// What went wrong at the bottom, without the URL that the outer layers repeat.
fn innermost(error: &reqwest::Error) -> String {
    let mut inner: &dyn Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Resolves names and refuses those that lead inside, so that the check and the connection use
/// the same answer.
struct PublicResolver(Arc<dyn Lookup>);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.lookup(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = found.await?;
            if addresses.is_empty() {
                return Err("the host name leads to no address".into());
            }
            if !all_global(&addresses) {
                return Err("the host name leads to a private or reserved address".into());
            }
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
