//! The queue in this process. It keeps what SQS promises: delay, visibility timeout, receive
//! count, dead letters, fair groups; and it keeps every message in a SQLite file until it was
//! handled, so that a killed process loses none. What was in flight is visible again at a start.

mod fair;
mod journal;

use fair::Fair;
use futures::future::{BoxFuture, ready};
use herald::{
    clock::Clock,
    queue::{DeadLetter, MAX_DELAY, Outgoing, Queue, QueueError, QueueName, Reason},
};
use jiff::{SignedDuration, Timestamp};
use journal::Journal;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::Notify;

/// How long a received message is invisible: six times the deadline of a webhook.
pub const VISIBILITY: SignedDuration = SignedDuration::from_secs(90);

/// A message that was received so often without being handled is a dead letter.
pub const MAX_RECEIVES: u32 = 5;

/// A received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: i64,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub count: u32,
}

/// The queues of this process.
#[derive(Debug)]
pub struct LocalQueue {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    arrivals: Notify,
    departures: Notify,
}

#[derive(Debug)]
struct State {
    journal: Journal,
    queues: BTreeMap<QueueName, Fair>,
    dead: BTreeMap<QueueName, Vec<DeadLetter>>,
}

impl LocalQueue {
    /// The queues in a file, with what they held, or new ones in memory.
    ///
    /// # Errors
    /// Where the file cannot be read or written.
    pub fn open(file: Option<&Path>, clock: Arc<dyn Clock>) -> rusqlite::Result<Self> {
        let journal = Journal::open(file)?;
        let mut state = State {
            queues: QueueName::ALL.map(|name| (name, Fair::default())).into(),
            dead: BTreeMap::new(),
            journal,
        };
        for kept in state.journal.read()? {
            if kept.dead {
                let letter = DeadLetter {
                    body: kept.held.body,
                    reason: kept.reason,
                };
                state.dead.entry(kept.queue).or_default().push(letter);
            } else if let Some(queue) = state.queues.get_mut(&kept.queue) {
                queue.insert(kept.held, kept.visible_at);
            }
        }
        Ok(Self {
            state: Mutex::new(state),
            clock,
            arrivals: Notify::new(),
            departures: Notify::new(),
        })
    }

    /// Receives up to `max` messages: one of each group in turn, the group with the fewest in
    /// flight first.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn receive(&self, name: QueueName, max: usize) -> rusqlite::Result<Vec<Received>> {
        let now = self.clock.now();
        let mut state = self.state();
        let State {
            journal,
            queues,
            dead,
        } = &mut *state;
        let Some(queue) = queues.get_mut(&name) else {
            return Ok(Vec::new());
        };
        let mut received = Vec::new();
        let mut letters = Vec::new();
        while received.len() < max
            && let Some(held) = queue.take(now, now + VISIBILITY)
        {
            if held.count > MAX_RECEIVES {
                letters.push(held.id);
                dead.entry(name).or_default().push(DeadLetter {
                    body: held.body,
                    reason: None,
                });
                queue.remove(held.id);
            } else {
                received.push(Received {
                    id: held.id,
                    body: held.body,
                    count: held.count,
                });
            }
        }
        journal.bury(&letters)?;
        journal.count_receives(received.iter().map(|message| (message.id, message.count)))?;
        Ok(received)
    }

    /// Deletes a handled message, unless it became visible and was received again meanwhile.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn delete(&self, name: QueueName, handled: &Received) -> rusqlite::Result<()> {
        let mut state = self.state();
        let State {
            journal, queues, ..
        } = &mut *state;
        let queue = queues.get_mut(&name);
        if queue.is_some_and(|queue| queue.remove_received(handled.id, handled.count)) {
            journal.delete(handled.id)?;
        }
        drop(state);
        self.departures.notify_waiters();
        Ok(())
    }

    /// Leaves a message that could not be handled: it is visible again after [`VISIBILITY`].
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn fail(&self, failed: &Received) -> rusqlite::Result<()> {
        self.state().journal.fail(failed.id)
    }

    /// When the next message of a queue becomes visible; in the past where one is.
    #[must_use]
    pub fn next_visible(&self, name: QueueName) -> Option<Timestamp> {
        self.state().queues.get(&name)?.next_visible()
    }

    /// Returns when messages may have arrived.
    pub async fn arrival(&self) {
        self.arrivals.notified().await;
    }

    /// Returns when every message that could be handled was: what is left waits for later.
    pub async fn idle(&self) {
        loop {
            let departure = self.departures.notified();
            let now = self.clock.now();
            if self.state().queues.values().all(|queue| queue.is_idle(now)) {
                return;
            }
            departure.await;
        }
    }

    /// Wakes whoever waits for an arrival.
    pub fn nudge(&self) {
        self.arrivals.notify_waiters();
    }

    /// How many messages a queue holds: visible, delayed and in flight.
    #[must_use]
    pub fn len(&self, name: QueueName) -> usize {
        self.state().queues.get(&name).map_or(0, Fair::len)
    }

    /// The bodies of the messages that a queue holds.
    #[must_use]
    pub fn bodies(&self, name: QueueName) -> Vec<String> {
        self.state()
            .queues
            .get(&name)
            .map_or_else(Vec::new, Fair::bodies)
    }

    /// A queue's dead letters.
    #[must_use]
    pub fn dead_letters(&self, name: QueueName) -> Vec<DeadLetter> {
        self.state().dead.get(&name).cloned().unwrap_or_default()
    }

    fn keep_dead(&self, of: QueueName, letter: DeadLetter) -> rusqlite::Result<()> {
        let mut state = self.state();
        state.journal.insert_dead(of, &letter)?;
        state.dead.entry(of).or_default().push(letter);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    fn put(&self, to: QueueName, messages: Vec<Outgoing>) -> rusqlite::Result<()> {
        let now = self.clock.now();
        let mut state = self.state();
        let State {
            journal, queues, ..
        } = &mut *state;
        let rows = messages.into_iter().map(|message| {
            let delay = SignedDuration::try_from(message.delay.min(MAX_DELAY));
            let visible_at = now + delay.unwrap_or(SignedDuration::ZERO);
            (message.body, message.group.unwrap_or_default(), visible_at)
        });
        let kept = journal.insert(to, rows)?;
        if let Some(queue) = queues.get_mut(&to) {
            for (held, visible_at) in kept {
                queue.insert(held, visible_at);
            }
        }
        Ok(())
    }
}

impl Queue for LocalQueue {
    fn send(
        &self,
        to: QueueName,
        messages: Vec<Outgoing>,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        let sent = self
            .put(to, messages)
            .map_err(|error| QueueError::new(to, error));
        self.arrivals.notify_waiters();
        Box::pin(ready(sent))
    }

    fn bury(&self, body: String, reason: Reason) -> BoxFuture<'_, Result<(), QueueError>> {
        let of = QueueName::Events;
        let letter = DeadLetter {
            body,
            reason: Some(reason),
        };
        let kept = self.keep_dead(of, letter);
        Box::pin(ready(kept.map_err(|error| QueueError::new(of, error))))
    }
}
