//! Policies are made once, however often the request is repeated.

use crate::{
    interlude::interrupted,
    sample::{
        dawn, engine, here, in_test_mode, named, of_type, policy, policy_id, recipient_id, seconds,
        store, tenant, url,
    },
};
use futures::future::join_all;
use herald::{
    policy::{Details, EventTypes, Metadata, Policy, ProxyType, Secrets, Subscription},
    recipient::{Channel, Recipient, RecipientStatus, SuspensionReason, Target},
    settings,
    store::{Created, Idempotency, Store},
    tenant::Tenant,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

async fn create(store: &Store, policy: &Policy, key: Option<&str>) -> Created {
    let idempotency = key.map(|key| Idempotency::new(key, b"the body"));
    let created = store.create_policy(policy, idempotency.as_ref()).await;
    created.expect("an answer")
}

fn issued(owner: Tenant, number: u128) -> Policy {
    policy(owner, number, named(&["INVOICE_ISSUED"]))
}

fn issued_at(number: u128, now: Timestamp) -> Policy {
    Policy {
        created_at: now,
        ..issued(tenant(1), number)
    }
}

async fn hinted(store: &Store, owner: Tenant) -> Vec<u128> {
    let key = of_type("INVOICE_ISSUED");
    let page = store.hints(&here(owner, key.clone()), None, 100).await;
    let hints = page.expect("an answer").hints;
    hints
        .into_iter()
        .map(|(_, id)| id.as_uuid().as_u128())
        .collect()
}

#[tokio::test]
async fn a_policy_is_read_as_it_was_written() {
    let store = store().await;
    let mut suspended = issued(tenant(1), 1);
    suspended.event_types = named(&["QUOTE_SIGNED", "INVOICE_ISSUED", "custom:type-1.x"]);
    let sealed =
        |text: &str| serde_json::from_str(&format!("\"1.{text}\"")).expect("a sealed secret");
    let secrets = Secrets::of(sealed("b25l"));
    suspended.secrets = Some(secrets.rotate(sealed("dHdv"), dawn() + seconds(9), dawn()));
    suspended.details = Details {
        description: Some("Two\nlines".parse().expect("a description")),
        timeout_seconds: Some(5),
        headers: Some(sealed("aGVhZGVycw")),
        contact: Some("ops@example.com".parse().expect("an address")),
        metadata: Metadata::try_from(BTreeMap::from([("team".to_owned(), "billing".to_owned())]))
            .expect("metadata"),
        subscription: Some(Subscription {
            organization_id: "acme".parse().expect("an id"),
            product_id: "customerInvoicing".parse().expect("a product"),
            has_health_url: true,
            proxy_type: Some(ProxyType::External),
            additional_attributes: vec![[("a".to_owned(), "b".to_owned())].into()]
                .try_into()
                .expect("attributes"),
        }),
        number: Some(7),
    };
    suspended.recipients.push(Recipient {
        id: recipient_id(2),
        target: url("gone?a=%20&b=ä"),
        status: RecipientStatus::Suspended {
            since: dawn() + seconds(1),
            reason: SuspensionReason::Gone,
        },
    });
    let mut mailed = policy(tenant(1), 2, EventTypes::All);
    mailed.channel = Channel::Email;
    let address = "finance@example.com".parse().expect("an address");
    mailed.recipients[0].target = Target::Address(address);
    for policy in [suspended, mailed] {
        assert_eq!(create(&store, &policy, None).await, Created::New);
        let kept = store.policy(policy.owner, policy.id).await;
        assert_eq!(kept.expect("an answer"), Some(policy.clone()));
        let elsewhere = store.policy(tenant(2), policy.id).await;
        assert_eq!(elsewhere.expect("an answer"), None);
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_policy_that_it_made_as_it_is_now() {
    let store = store().await;
    let first = issued(tenant(1), 1);
    assert_eq!(create(&store, &first, Some("key")).await, Created::New);
    let again = create(&store, &issued(tenant(1), 2), Some("key")).await;
    assert_eq!(again, Created::Again(first.clone()));
    assert_eq!(hinted(&store, tenant(1)).await, [1]);
    let second = store.policy(tenant(1), policy_id(2)).await;
    assert_eq!(second.expect("an answer"), None);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_a_conflict() {
    let store = store().await;
    let first = issued(tenant(1), 1);
    let _ = create(&store, &first, Some("key")).await;
    let other = issued(tenant(1), 2);
    let idempotency = Idempotency::new("key", b"another body");
    let created = store.create_policy(&other, Some(&idempotency));
    assert_eq!(created.await.expect("an answer"), Created::Conflict);
    assert_eq!(hinted(&store, tenant(1)).await, [1]);
    assert_eq!(
        create(&store, &other, Some("other key")).await,
        Created::New,
        "another key stands for another request"
    );
}

#[tokio::test]
async fn a_key_is_forgotten_after_24_hours() {
    let store = store().await;
    let day = seconds(24 * 60 * 60);
    let key = Some("key");
    let first = issued_at(1, dawn());
    assert_eq!(create(&store, &first, key).await, Created::New);
    let just_before = issued_at(2, dawn() + day - seconds(1));
    let again = create(&store, &just_before, key).await;
    assert_eq!(again, Created::Again(first));
    let second = issued_at(2, dawn() + day);
    assert_eq!(create(&store, &second, key).await, Created::New);
    let just_before = issued_at(3, dawn() + day + day - seconds(1));
    let again = create(&store, &just_before, key).await;
    assert_eq!(again, Created::Again(second), "it stands for the later one");
    let third = issued_at(3, dawn() + day + day);
    assert_eq!(create(&store, &third, key).await, Created::New);
    assert_eq!(hinted(&store, tenant(1)).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_key_belongs_to_one_tenant_in_one_mode() {
    let store = store().await;
    let test = in_test_mode(tenant(1));
    for (number, owner) in (1..).zip([tenant(1), tenant(2), test]) {
        let created = create(&store, &issued(owner, number), Some("key")).await;
        assert_eq!(created, Created::New, "{owner}");
        assert_eq!(hinted(&store, owner).await, [number]);
    }
}

#[tokio::test]
async fn without_a_key_every_request_makes_a_policy() {
    let store = store().await;
    for number in 1..=3 {
        let created = create(&store, &issued(tenant(1), number), None).await;
        assert_eq!(created, Created::New);
    }
    assert_eq!(hinted(&store, tenant(1)).await, [1, 2, 3]);
}

#[tokio::test]
async fn of_many_requests_at_the_same_moment_one_makes_a_policy() {
    let store = store().await;
    let policies: Vec<_> = (1..=20).map(|number| issued(tenant(1), number)).collect();
    let requests = policies
        .iter()
        .map(|policy| create(&store, policy, Some("key")));
    let answers = join_all(requests).await;
    let made = answers.iter().position(|answer| *answer == Created::New);
    let made = &policies[made.expect("one is made")];
    let again = Created::Again(made.clone());
    let repeated = answers.iter().filter(|answer| **answer == again).count();
    assert_eq!(repeated, policies.len() - 1, "{answers:?}");
    let number = made.id.as_uuid().as_u128();
    assert_eq!(hinted(&store, tenant(1)).await, [number]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_another_overtakes_gets_what_the_other_made_and_leaves_no_hint() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    let overtaking = store.clone();
    let slow = interrupted(&engine, "TransactWriteItems", async move {
        let created = create(&overtaking, &issued(tenant(1), 1), Some("key")).await;
        assert_eq!(created, Created::New);
    });
    let created = create(&slow, &issued(tenant(1), 2), Some("key")).await;
    assert_eq!(created, Created::Again(issued(tenant(1), 1)));
    assert_eq!(hinted(&store, tenant(1)).await, [1]);
}
