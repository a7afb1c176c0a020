//! Policies are changed only over the version that the change was made on.

use crate::sample::{
    dawn, event_type, here, named, of_type, policy, policy_id, seconds, store, tenant, url,
};
use futures::future::join_all;
use herald::{
    invalid::Invalid,
    policy::Policy,
    store::{Changed, Created, Store, StoreError},
};
use herald_local::world::chance::SeededRandom;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Rule(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) async fn keep(store: &Store, policy: &Policy) {
    let created = store.create_policy(policy, None).await;
    assert_eq!(created.expect("an answer"), Created::New);
}

/// Adds a type to policy 1.
pub(crate) async fn add_type(store: &Store, name: &str) -> Changed {
    let changed = store.change_policy(tenant(1), policy_id(1), |policy| {
        let changed = policy.add_event_types([event_type(name)], dawn() + seconds(1));
        changed.map_err(Refusal::from)
    });
    changed.await.expect("a type is added")
}

/// Removes a type from policy 1.
pub(crate) async fn remove_type(store: &Store, name: &str) -> Result<Changed, Refusal> {
    let changed = store.change_policy(tenant(1), policy_id(1), |policy| {
        let changed = policy.remove_event_type(&event_type(name), dawn() + seconds(1));
        changed.map_err(Refusal::from)
    });
    changed.await
}

/// Keeps policy 1, for issued invoices.
async fn kept(store: &Store) -> Policy {
    let policy = policy(tenant(1), 1, named(&["INVOICE_ISSUED"]));
    keep(store, &policy).await;
    policy
}

/// Adds a recipient to policy 1.
async fn add_recipient(store: &Store, path: &str) -> Changed {
    let random = SeededRandom::new(path.bytes().map(u64::from).sum());
    let changed = store.change_policy(tenant(1), policy_id(1), |policy| {
        let changed = policy.add_recipients([url(path)], &random, dawn() + seconds(1));
        changed.map_err(Refusal::from)
    });
    changed.await.expect("an answer")
}

async fn read(store: &Store) -> Option<Policy> {
    let read = store.policy(tenant(1), policy_id(1)).await;
    read.expect("an answer")
}

#[tokio::test]
async fn a_change_writes_the_next_version() {
    let store = store().await;
    let before = kept(&store).await;
    let Changed::Done(after) = add_recipient(&store, "second").await else {
        panic!("the policy is there");
    };
    assert_eq!(
        (after.version, after.updated_at),
        (2, dawn() + seconds(1)),
        "{after:?}"
    );
    assert_eq!(after.recipients[..1], before.recipients);
    assert_eq!(after.recipients[1].target, url("second"));
    assert_eq!(read(&store).await, Some(after));
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let store = store().await;
    let before = kept(&store).await;
    let changed = remove_type(&store, "INVOICE_ISSUED").await;
    assert!(matches!(changed, Err(Refusal::Rule(_))), "{changed:?}");
    assert_eq!(read(&store).await, Some(before));
}

#[tokio::test]
async fn a_policy_that_is_not_there_is_neither_changed_nor_deleted() {
    let store = store().await;
    assert_eq!(add_recipient(&store, "x").await, Changed::NotFound);
    let before = kept(&store).await;
    let theirs = store.change_policy(tenant(2), policy_id(1), Ok::<_, StoreError>);
    assert_eq!(theirs.await.expect("an answer"), Changed::NotFound);
    let theirs = store.delete_policy(tenant(2), policy_id(1)).await;
    assert_eq!(theirs.expect("an answer"), None);
    assert_eq!(read(&store).await, Some(before));
}

#[tokio::test]
async fn many_changes_at_the_same_moment_are_all_made() {
    let store = store().await;
    kept(&store).await;
    let paths: Vec<_> = (0..20).map(|n| format!("added/{n}")).collect();
    for changed in join_all(paths.iter().map(|path| add_recipient(&store, path))).await {
        assert!(matches!(changed, Changed::Done(_)), "{changed:?}");
    }
    let policy = read(&store).await.expect("the policy");
    for path in paths {
        let listed = policy.recipients.iter().filter(|r| r.target == url(&path));
        assert_eq!(listed.count(), 1, "{path}");
    }
    assert_eq!((policy.recipients.len(), policy.version), (21, 21));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_another_overtakes_is_made_on_what_the_other_wrote() {
    let store = store().await;
    kept(&store).await;
    let asked = AtomicUsize::new(0);
    let random = SeededRandom::new(1);
    let changed = store.change_policy(tenant(1), policy_id(1), |policy| {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            tokio::task::block_in_place(|| {
                let other = add_recipient(&store, "other");
                let _ = tokio::runtime::Handle::current().block_on(other);
            });
        }
        let changed = policy.add_recipients([url("own")], &random, dawn());
        changed.map_err(Refusal::from)
    });
    let Changed::Done(policy) = changed.await.expect("an answer") else {
        panic!("the policy is there");
    };
    let targets: Vec<_> = policy.recipients.iter().map(|r| &r.target).collect();
    assert_eq!(targets, [&url("hook"), &url("other"), &url("own")]);
    assert_eq!((asked.load(Ordering::SeqCst), policy.version), (2, 3));
}

#[tokio::test]
async fn a_deleted_policy_is_returned_as_it_was_and_gone_afterwards() {
    let store = store().await;
    kept(&store).await;
    let Changed::Done(last) = add_type(&store, "QUOTE_SIGNED").await else {
        panic!("the policy is there");
    };
    let deleted = store.delete_policy(tenant(1), policy_id(1)).await;
    assert_eq!(deleted.expect("an answer"), Some(last));
    assert_eq!(read(&store).await, None);
    let again = store.delete_policy(tenant(1), policy_id(1)).await;
    assert_eq!(again.expect("an answer"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_is_deleted_while_it_is_changed_stays_deleted() {
    let store = store().await;
    kept(&store).await;
    let changed = store.change_policy(tenant(1), policy_id(1), |policy| {
        tokio::task::block_in_place(|| {
            let deleted = store.delete_policy(tenant(1), policy_id(1));
            let deleted = tokio::runtime::Handle::current().block_on(deleted);
            assert!(deleted.expect("an answer").is_some());
        });
        let changed = policy.add_event_types([event_type("QUOTE_SIGNED")], dawn());
        changed.map_err(Refusal::from)
    });
    assert_eq!(changed.await.expect("an answer"), Changed::NotFound);
    assert_eq!(read(&store).await, None);
    for name in ["INVOICE_ISSUED", "QUOTE_SIGNED"] {
        let page = store.hints(&here(tenant(1), of_type(name)), None, 10).await;
        assert_eq!(page.expect("an answer").hints, [], "{name}");
    }
}

#[tokio::test]
async fn a_policy_that_many_change_can_be_deleted_and_leaves_no_hint() {
    let store = store().await;
    kept(&store).await;
    let names: Vec<_> = (0..10).map(|n| format!("TYPE_{n}")).collect();
    let changes = join_all(names.iter().map(|name| add_type(&store, name)));
    let (changes, deleted) = tokio::join!(changes, store.delete_policy(tenant(1), policy_id(1)));
    let deleted = deleted.expect("an answer").expect("it was there");
    let made = changes.iter().filter(|c| matches!(c, Changed::Done(_)));
    assert_eq!(deleted.version, 1 + made.count() as u64);
    assert_eq!(read(&store).await, None);
    for name in names.iter().map(String::as_str).chain(["INVOICE_ISSUED"]) {
        let page = store.hints(&here(tenant(1), of_type(name)), None, 10).await;
        assert_eq!(page.expect("an answer").hints, [], "{name}");
    }
}
