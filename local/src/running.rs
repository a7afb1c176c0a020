//! The loops of the running service: workers on the queues, and the timer's minute.
#![expect(
    clippy::disallowed_methods,
    reason = "the local service waits for what Lambda is woken for"
)]

use crate::{engine::Engine, service::Service};
use futures::future::join_all;
use herald::{clock::wait_until, queue::QueueName};
use std::time::Duration;
use tokio::{sync::watch, time::sleep};

/// Batches of each queue that are handled at once.
const WORKERS: usize = 4;

/// How often the timer runs, as on AWS.
const MINUTE: Duration = Duration::from_secs(60);

/// How long a worker waits at most before it looks again.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How often what has expired is removed.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Removes what has expired, until `stop` turns true.
pub async fn sweep(engine: &Engine, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match engine.sweep() {
            Ok(removed) => tracing::info!(removed, "what has expired was removed"),
            Err(error) => tracing::error!(error = format!("{error:#}"), "the sweep failed"),
        }
        tokio::select! {
            () = sleep(HOUR) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Runs the queues and the timer until `stop` turns true; what is being handled then is
/// finished first.
pub async fn run(service: &Service, stop: watch::Receiver<bool>) {
    let names = QueueName::ALL.into_iter().flat_map(|name| [name; WORKERS]);
    let workers = names.map(|name| work(service, name, stop.clone()));
    tokio::join!(join_all(workers), tick(service, stop.clone()));
}

async fn work(service: &Service, name: QueueName, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match service.step(name).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(queue = %name, error = format!("{error:#}"), "a step failed");
            }
        }
        let queue = &service.parts.queue;
        let wait = queue.next_visible(name).map_or(LONGEST_WAIT, |at| {
            wait_until(at, service.parts.clock.now()).min(LONGEST_WAIT)
        });
        tokio::select! {
            () = sleep(wait) => {}
            () = queue.arrival() => {}
            _ = stop.changed() => {}
        }
    }
}

async fn tick(service: &Service, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = service.tick().await {
            tracing::error!(
                error = format!("{error:#}"),
                "the timer failed and runs again in a minute"
            );
        }
        tokio::select! {
            () = sleep(MINUTE) => {}
            _ = stop.changed() => {}
        }
    }
}
