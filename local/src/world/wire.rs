//! The way from the functions to the engine and the queue: it counts what passes, and can be cut
//! after so many requests, which leaves behind what a crash at that moment would.
#![expect(
    clippy::disallowed_types,
    reason = "makes a counting client for the store"
)]

use crate::{engine::Engine, queue::LocalQueue};
use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
        retry::RetryConfig,
    },
    error::BoxError,
};
use futures::future::{BoxFuture, ready};
use herald::queue::{Outgoing, Queue, QueueError, QueueName, Reason};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// The way to engine and queue.
#[derive(Debug, Default)]
pub struct Wire(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    passed: BTreeMap<String, usize>,
    /// How many requests still pass; all where `None`.
    left: Option<usize>,
    cut: bool,
}

impl Wire {
    /// A client whose requests pass here.
    #[must_use]
    pub fn client(self: &Arc<Self>, engine: &Engine) -> Client {
        let config = engine
            .config()
            .retry_config(RetryConfig::disabled())
            .interceptor(Probe(Arc::clone(self)));
        Client::from_conf(config.build())
    }

    /// Lets so many requests pass, and no more after them.
    pub fn cut_after(&self, requests: usize) {
        let mut state = self.state();
        state.left = Some(requests);
        state.cut = false;
    }

    /// Lets everything pass again. Returns whether a request was stopped meanwhile.
    pub fn mend(&self) -> bool {
        let mut state = self.state();
        state.left = None;
        state.cut
    }

    /// Starts to count from nothing.
    pub fn forget(&self) {
        self.state().passed.clear();
    }

    /// How many requests passed since, by operation.
    #[must_use]
    pub fn passed(&self) -> BTreeMap<String, usize> {
        self.state().passed.clone()
    }

    fn pass(&self, operation: &str) -> Result<(), &'static str> {
        let mut state = self.state();
        if state.left == Some(0) {
            state.cut = true;
            return Err("the wire is cut");
        }
        state.left = state.left.map(|left| left - 1);
        *state.passed.entry(operation.to_owned()).or_default() += 1;
        Ok(())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

/// The operation of a request to DynamoDB: `PutItem`.
#[must_use]
pub fn operation<'a>(context: &'a BeforeTransmitInterceptorContextRef<'_>) -> Option<&'a str> {
    let target = context.request().headers().get("x-amz-target")?;
    target.rsplit('.').next()
}

#[derive(Debug)]
struct Probe(Arc<Wire>);

impl Intercept for Probe {
    fn name(&self) -> &'static str {
        "Probe"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(self.0.pass(operation(context).unwrap_or("?"))?)
    }
}

/// The local queue behind a wire.
#[derive(Debug)]
pub(super) struct WiredQueue {
    queue: Arc<LocalQueue>,
    wire: Arc<Wire>,
}

impl WiredQueue {
    pub(super) fn new(queue: Arc<LocalQueue>, wire: Arc<Wire>) -> Self {
        Self { queue, wire }
    }
}

impl Queue for WiredQueue {
    fn send(
        &self,
        to: QueueName,
        messages: Vec<Outgoing>,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        if messages.is_empty() {
            return Box::pin(ready(Ok(())));
        }
        match self.wire.pass(&format!("Send {to}")) {
            Ok(()) => self.queue.send(to, messages),
            Err(error) => Box::pin(ready(Err(QueueError::new(to, error)))),
        }
    }

    fn bury(&self, body: String, reason: Reason) -> BoxFuture<'_, Result<(), QueueError>> {
        let of = QueueName::Events;
        match self.wire.pass(&format!("Bury {of}")) {
            Ok(()) => self.queue.bury(body, reason),
            Err(error) => Box::pin(ready(Err(QueueError::new(of, error)))),
        }
    }
}
