//! What an event costs: requests to the table and sends to the queues, counted on the wire.

use futures::{StreamExt, stream};
use herald::{
    catalogue::BuiltIn,
    destination::DestinationRules,
    dialect::Dialect,
    event_type::EventType,
    policy::{Details, EventTypes, Policy, Scope},
    queue::QueueName,
    recipient::{Channel, Recipient, RecipientStatus, Target},
    store::Created,
};
use herald_local::world::{World, receiver::Receiver};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

type Counts = BTreeMap<String, usize>;

/// A policy that does not hear of issued invoices.
fn other_policy(world: &World, number: usize) -> Policy {
    let parts = &world.service.parts;
    let url = DestinationRules::strict().parse("https://example.com/other");
    let names = BuiltIn::of(Dialect::Sequence)
        .map(|entry| entry.name)
        .collect::<Vec<_>>();
    let types: Vec<EventType> = names
        .into_iter()
        .filter(|name| *name != "INVOICE_ISSUED")
        .cycle()
        .skip(number)
        .take(2)
        .map(|name| name.parse().expect("a name"))
        .collect();
    let now = parts.clock.now();
    Policy {
        id: parts.random.policy_id(now),
        owner: world.tenant,
        organisation: world.tenant.account,
        dialect: Dialect::Sequence,
        name: format!("Other {number}").parse().expect("a name"),
        event_types: EventTypes::named(types).expect("two types"),
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients: vec![Recipient {
            id: parts.random.recipient_id(),
            target: Target::Url(url.expect("a public URL")),
            status: RecipientStatus::Active,
        }],
        status: herald::policy::PolicyStatus::Active,
        health: None,
        delivery_mode: herald::policy::DeliveryMode::Independent,
        pace: None,
        retry: herald::retry::RetryPolicy::Default,
        secrets: None,
        details: Details::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn fan_out(world: &World) {
    while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
}

/// What passes the wire while an event is reported and fanned out that one policy hears of,
/// among so many that do not.
async fn event_counts(others: usize) -> Counts {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    stream::iter(0..others)
        .for_each_concurrent(8, async |number| {
            let policy = other_policy(&world, number);
            let created = world.service.parts.store.create_policy(&policy, None);
            assert_eq!(created.await.expect("an answer"), Created::New);
        })
        .await;
    // The vault reads its data key once per process.
    world.report("first").await;
    fan_out(&world).await;
    world.wire.forget();
    assert_eq!(world.report("counted").await.status.as_u16(), 202);
    fan_out(&world).await;
    let counts = world.wire.passed();
    world.settle().await;
    assert_eq!(receiver.received().len(), 2, "each event is heard once");
    counts
}

/// Counts side by side.
fn table(columns: &[(&str, &Counts)]) -> String {
    let operations: BTreeSet<_> = columns
        .iter()
        .flat_map(|(_, counts)| counts.keys())
        .collect();
    let mut table = format!("\n{:<24}", "");
    for (title, _) in columns {
        let _ = write!(table, "{title:>18}");
    }
    for operation in operations {
        let _ = write!(table, "\n{operation:<24}");
        for (_, counts) in columns {
            let count = counts.get(operation).unwrap_or(&0);
            let _ = write!(table, "{count:>18}");
        }
    }
    table
}

#[tokio::test]
async fn an_event_costs_the_same_however_many_policies_do_not_hear_of_it() {
    let (few, many) = (event_counts(10).await, event_counts(1_000).await);
    let table = table(&[("10 policies", &few), ("1,000 policies", &many)]);
    assert!(few.values().sum::<usize>() > 0, "nothing was counted");
    assert_eq!(few, many, "{table}");
}

#[tokio::test]
async fn ten_webhooks_of_ten_policies_cost_one_read_and_one_write() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    for number in 0..10 {
        // Making a policy seals its secret, so the vault has its data key.
        world.policy(&[receiver.url(&format!("/{number}"))]).await;
    }
    world.report("e").await;
    fan_out(&world).await;
    world.wire.forget();
    let handled = world.service.step(QueueName::Webhook).await;
    assert_eq!(handled.expect("a step"), 10);
    let counts = world.wire.passed();
    assert_eq!(receiver.received().len(), 10);
    let one_each = [("BatchGetItem", 1), ("BatchWriteItem", 1)];
    let expected = one_each.map(|(operation, count)| (operation.to_owned(), count));
    let table = table(&[("ten webhooks", &counts)]);
    assert_eq!(counts, Counts::from(expected), "{table}");
    for delivery in world.deliveries("e").await {
        assert_eq!(delivery["status"], "delivered", "{delivery}");
    }
}
