//! A model of ordered delivery, held against the service: whatever is accepted, refused, stopped and
//! woken, in whatever order, each account is told in the order of acceptance, without a gap.

use super::{Ordered, told};
use herald::{clock::Clock, dialect::Dialect, queue::QueueName};
use herald_local::{
    queue::MAX_RECEIVES,
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use proptest::prelude::*;
use std::time::Duration;

/// Something that happens to the service.
#[derive(Clone, Debug)]
enum Happening {
    Report,
    FanOut,
    Send,
    /// The process stops after so many requests, in the middle of a step.
    Stop(usize),
    /// The receiver refuses its next requests.
    Refuse(u8),
    /// Time passes, in seconds, and the timer runs.
    Time(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::Report),
        3 => Just(Happening::FanOut),
        3 => Just(Happening::Send),
        2 => (0_usize..25).prop_map(Happening::Stop),
        1 => (1_u8..3).prop_map(Happening::Refuse),
        2 => prop_oneof![1_u64..5, 40_u64..400].prop_map(Happening::Time),
    ]
}

/// What was accepted, in order.
#[derive(Default)]
struct Model {
    accepted: Vec<String>,
    /// Reports without an answer: they may have been recorded.
    open: Option<String>,
    /// How often the process stopped.
    stops: u32,
}

impl Model {
    async fn report(&mut self, world: &World) {
        // Whoever got no answer repeats, before anything else.
        let id = self
            .open
            .take()
            .unwrap_or_else(|| format!("e{}", self.accepted.len()));
        if world.report(&id).await.status == 202 {
            self.accepted.push(id);
        } else {
            self.open = Some(id);
        }
    }
}

async fn happen(world: &World, receiver: &Receiver, model: &mut Model, what: Happening) {
    let step = async |name| {
        let _ = world.service.step(name).await;
    };
    match what {
        Happening::Report => model.report(world).await,
        Happening::FanOut => step(QueueName::Events).await,
        Happening::Send => step(QueueName::Webhook).await,
        // A message that failed as often as it may be received is a dead letter, for the operator to
        // move back: the stories of poison tell of that. Fewer stops than that make none.
        Happening::Stop(_) if model.stops + 1 == MAX_RECEIVES => {}
        Happening::Stop(requests) => {
            model.stops += 1;
            world.wire.cut_after(requests);
            model.report(world).await;
            step(QueueName::Events).await;
            step(QueueName::Webhook).await;
            world.wire.mend();
        }
        Happening::Refuse(times) => {
            receiver.answer((0..times).map(|_| Answer::Status(503)));
        }
        Happening::Time(seconds) => {
            world.clock.advance(Duration::from_secs(seconds));
            world.service.tick().await.expect("the timer runs");
        }
    }
}

async fn check(dialect: Dialect, happenings: Vec<Happening>) {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let ordered = Ordered {
        dialect,
        event_types: herald::policy::EventTypes::named(["INVOICE_ISSUED".parse().expect("a type")])
            .expect("a type"),
        ..Ordered::default()
    };
    ordered.policy(&world, &receiver).await;
    let mut model = Model::default();
    for what in happenings {
        happen(&world, &receiver, &mut model, what).await;
    }
    while model.open.is_some() {
        model.report(&world).await;
    }
    receiver.recover();
    for _ in 0..10 {
        world.turn(Duration::from_secs(1_000)).await;
    }
    // Each request begins no later than where the told part ends, and goes on without a gap.
    let mut told_to = 0;
    for request in told(&receiver) {
        let first = model.accepted.iter().position(|id| *id == request[0]);
        let first = first.unwrap_or_else(|| panic!("{} was never accepted", request[0]));
        assert!(first <= told_to, "a gap before {}", request[0]);
        assert_eq!(model.accepted[first..][..request.len()], request[..]);
        told_to = told_to.max(first + request.len());
    }
    assert_eq!(told_to, model.accepted.len(), "not everything was told");
    let now = world.clock.now();
    for id in &model.accepted {
        assert_eq!(
            world.delivery(id).await["status"],
            "delivered",
            "{id} by {now}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_account_is_told_in_order_and_without_a_gap(
        happenings in prop::collection::vec(happening(), 1..60),
        batches in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let dialect = if batches { Dialect::Lune } else { Dialect::Herald };
        runtime.expect("a runtime").block_on(check(dialect, happenings));
    }
}
