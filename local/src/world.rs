//! What the tests stand on: the real handlers on the real engine, with a clock turned by hand,
//! seeded randomness, and a wire that counts requests and can be cut.

mod calls;
pub mod chance;
pub mod receiver;
pub mod samples;
pub mod stage;
pub mod wire;

use crate::{
    engine::{DATA_TABLE, Engine},
    flags::Login,
    keys::LocalKeys,
    mail::MailFolder,
    operator::LocalOperator,
    queue::LocalQueue,
    service::{Parts, Service},
    setup::{MAIL_FROM, first_account, put_credential},
};
use axum::Router;
pub use calls::Reply;
use chance::{ManualClock, SeededRandom};
use herald::{
    clock::Clock,
    destination::DestinationRules,
    id::AccountId,
    queue::QueueName,
    random::Random,
    secret::Secret,
    settings,
    tenant::{Mode, Tenant},
    vault::Vault,
};
use herald_api::Api;
use herald_webhook::client::SystemLookup;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use wire::{Wire, WiredQueue};

/// When every world begins.
pub const DAWN: &str = "2026-01-05T10:00:00Z";

/// The operator's secret in worlds.
pub const OPERATOR_SECRET: &str = "operator-secret";

/// Where the API is reached in worlds, as links say.
pub const API_URL: &str = "https://api.herald.example";

/// The deadline of webhooks in worlds: it really passes, so it is short.
pub const DEADLINE: Duration = Duration::from_millis(300);

/// The deadline where receivers do more than to answer, and never use it up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A whole service in a test. Dropping it with messages left in its queues fails the test,
/// unless [`World::may_leave_messages`] was called.
#[derive(Debug)]
pub struct World {
    /// The functions on their parts.
    pub service: Service,
    /// The clock, which stands still unless it is turned.
    pub clock: Arc<ManualClock>,
    /// The way to engine and queue.
    pub wire: Arc<Wire>,
    /// What its store stands on.
    pub engine: Engine,
    /// The first account, live.
    pub tenant: Tenant,
    /// The mails that were sent.
    pub mails: MailFolder,
    router: Router,
    leftovers: AtomicBool,
}

impl World {
    /// A new world, whose webhooks may go to this machine.
    ///
    /// # Panics
    /// Where the parts cannot be made.
    pub async fn new() -> Self {
        let loopback = "127.0.0.0/8".parse().expect("a range");
        Self::with_rules(DestinationRules::strict().allow([loopback])).await
    }

    /// A new world with other rules for destinations.
    ///
    /// # Panics
    /// Where the parts cannot be made.
    pub async fn with_rules(rules: DestinationRules) -> Self {
        let clock = Arc::new(ManualClock::at(DAWN.parse().expect("an instant")));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let wire = Arc::new(Wire::default());
        let engine = Engine::start(None)
            .await
            .expect("an engine in memory starts");
        let client = wire.client(&engine);
        let store = Engine::store_through(&client, settings::DEFAULT_RETENTION);
        let accounts = Engine::accounts_through(&client);
        let queue = LocalQueue::open(None, Arc::clone(&clock) as _);
        let queue = Arc::new(queue.expect("a queue in memory opens"));
        let keys = Arc::new(LocalKeys::in_memory(Arc::clone(&random)));
        let vault = Vault::new(store.clone(), keys, Arc::clone(&random));
        let account = first_account(&accounts, &*random, clock.now())
            .await
            .expect("an account is made");
        let mode = Mode::Live;
        let tenant = Tenant { account, mode };
        let mails = MailFolder::temporary().expect("a folder");
        let operator = Secret::new(OPERATOR_SECRET.to_owned());
        let service = Service::new(Parts {
            accounts,
            operator_secret: Arc::new(LocalOperator::new(operator)),
            sender: Arc::new(WiredQueue::new(Arc::clone(&queue), Arc::clone(&wire))),
            store,
            queue,
            clock: Arc::clone(&clock) as _,
            random,
            vault,
            rules,
            lookup: Arc::new(SystemLookup),
            deadline: DEADLINE,
            longest: DEADLINE,
            mailer: Arc::new(mails.clone()),
            mail_from: Some(MAIL_FROM.parse().expect("an address")),
            brand: "Example".parse().expect("a name"),
            api_url: API_URL.parse().expect("a URL"),
        });
        let service = service.expect("a service is made");
        give_credential(&service.api, tenant, "t:s").await;
        wire.forget();
        Self {
            router: service.router(),
            service,
            clock,
            wire,
            engine,
            mails,
            tenant,
            leftovers: AtomicBool::new(false),
        }
    }

    /// Handles messages until none is visible.
    ///
    /// # Panics
    /// Where the queue fails.
    pub async fn settle(&self) {
        loop {
            let mut handled = 0;
            for name in QueueName::ALL {
                handled += self.service.step(name).await.expect("a step");
            }
            if handled == 0 {
                return;
            }
        }
    }

    /// Turns the clock, lets the timer run as if its minute had come, and settles.
    ///
    /// # Panics
    /// Where the timer or the queue fails.
    pub async fn turn(&self, by: Duration) {
        self.clock.advance(by);
        self.service.tick().await.expect("the timer runs");
        self.settle().await;
        // The timer looks a minute ahead, and what it woke may be due within it.
        let now = self.clock.now();
        let soon = now + jiff::SignedDuration::from_mins(1);
        let queue = &self.service.parts.queue;
        let next = QueueName::ALL
            .into_iter()
            .filter_map(|name| queue.next_visible(name));
        if let Some(next) = next.filter(|next| (now..=soon).contains(next)).min() {
            self.clock.advance_to(next);
            self.settle().await;
        }
    }

    /// Deploys the service anew, with another retention.
    ///
    /// # Panics
    /// Where the service cannot be made.
    pub fn retain(&mut self, retention: Duration) {
        let store = self.engine.store(retention);
        self.deploy(|parts| Parts { store, ..parts });
    }

    /// Deploys the service anew, with time for receivers that do more than to answer.
    ///
    /// # Panics
    /// Where the service cannot be made.
    pub fn be_patient(&mut self) {
        let (deadline, longest) = (PATIENCE, PATIENCE);
        self.deploy(|parts| Parts {
            deadline,
            longest,
            ..parts
        });
    }

    fn deploy(&mut self, change: impl FnOnce(Parts) -> Parts) {
        let parts = change(self.service.parts.clone());
        self.service = Service::new(parts).expect("a service is made");
        self.router = self.service.router();
    }

    /// How many rows of the data table are an account's, of both modes.
    pub async fn rows_of(&self, account: AccountId) -> usize {
        let keys = self.engine.keys(DATA_TABLE).await;
        let start = format!("{account}#");
        keys.iter().filter(|(pk, _)| pk.starts_with(&start)).count()
    }

    /// Allows messages in the queues at the end.
    pub fn may_leave_messages(&self) {
        self.leftovers.store(true, Ordering::SeqCst);
    }
}

/// Gives a tenant a credential, written as `id:secret`.
///
/// # Panics
/// Where the store does not answer.
pub async fn give_credential(api: &Api, tenant: Tenant, pair: &str) {
    let pair: Login = pair.parse().expect("an id and a secret");
    put_credential(api, tenant, &pair)
        .await
        .expect("a credential is kept");
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || self.leftovers.load(Ordering::SeqCst) {
            return;
        }
        for name in QueueName::ALL {
            let queue = &self.service.parts.queue;
            let mut left = queue.bodies(name);
            // Sent for the case of a crash, and delayed until it can do nothing any more.
            let late = [
                r#"{"cancel_deliveries""#,
                r#"{"flush_withheld""#,
                r#"{"replay_deliveries""#,
            ];
            left.retain(|body| !late.iter().any(|start| body.starts_with(start)));
            assert_eq!(left, [""; 0], "messages are left in the {name} queue");
            let dead = queue.dead_letters(name);
            assert_eq!(dead, [], "dead letters of the {name} queue");
        }
    }
}
