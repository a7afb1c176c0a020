//! Changes of every policy that an owner has, made while others change them, too.

use crate::{
    interlude::interrupted,
    policy_changes::{add_type, keep},
    sample::{
        dawn, engine, in_test_mode, named, policy, policy_id, recipient_id, seconds, store, tenant,
        url,
    },
};
use futures::future::{join, join_all};
use herald::{
    attempt::{Answer, Outcome},
    policy::{EventTypes, Policy},
    recipient::{RecipientStatus, SuspensionReason},
    settings,
    store::{Changed, Store, StoreError},
};

/// The next version of a policy, with its first recipient suspended.
fn suspend(policy: Policy) -> Policy {
    let reason = SuspensionReason::Bounced;
    policy.suspend_recipient(&recipient_id(1), reason, dawn() + seconds(1))
}

/// The same of every third policy.
fn suspend_some(policy: Policy) -> Policy {
    if policy.id.as_uuid().as_u128().is_multiple_of(3) {
        suspend(policy)
    } else {
        policy
    }
}

async fn read(store: &Store, number: u128) -> Policy {
    let read = store.policy(tenant(1), policy_id(number)).await;
    read.expect("an answer").expect("the policy")
}

fn is_suspended(policy: &Policy) -> bool {
    matches!(
        policy.recipients[0].status,
        RecipientStatus::Suspended {
            reason: SuspensionReason::Bounced,
            ..
        }
    )
}

#[tokio::test]
async fn every_policy_that_is_concerned_is_changed_and_no_other() {
    let store = store().await;
    // More than are read at a time.
    for number in 1..=205 {
        keep(&store, &policy(tenant(1), number, EventTypes::All)).await;
    }
    for owner in [tenant(2), in_test_mode(tenant(1))] {
        keep(&store, &policy(owner, 3, EventTypes::All)).await;
    }
    for changed in [68, 0] {
        let made = store.change_policies(tenant(1), suspend_some).await;
        assert_eq!(made.expect("an answer"), changed);
        for number in 1..=205 {
            let policy = read(&store, number).await;
            let is_meant = number % 3 == 0;
            assert_eq!(is_suspended(&policy), is_meant, "{number}");
            assert_eq!(policy.version, 1 + u64::from(is_meant), "{number}");
        }
    }
    for owner in [tenant(2), in_test_mode(tenant(1))] {
        let theirs = store.policy(owner, policy_id(3)).await;
        assert!(
            !is_suspended(&theirs.expect("an answer").expect("the policy")),
            "{owner}"
        );
    }
}

#[tokio::test]
async fn who_has_no_policies_has_none_changed() {
    let store = store().await;
    let made = store.change_policies(tenant(1), suspend).await;
    assert_eq!(made.expect("an answer"), 0);
}

#[tokio::test]
async fn changes_at_the_same_moment_are_all_made_and_the_same_one_once() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    keep(&store, &policy(tenant(1), 2, named(&["A"]))).await;
    let names: Vec<_> = (0..5).map(|n| format!("TYPE_{n}")).collect();
    let types = join_all(names.iter().map(|name| add_type(&store, name)));
    let all = join_all((0..3).map(|_| store.change_policies(tenant(1), suspend)));
    let (_, made) = join(types, all).await;
    for made in made {
        made.expect("an answer");
    }
    let first = read(&store, 1).await;
    assert!(is_suspended(&first));
    assert_eq!(first.version, 1 + 5 + 1, "the types, and one suspension");
    assert_eq!(read(&store, 2).await.version, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_overtaken_is_made_on_what_the_other_wrote() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    let other = store.clone();
    let slow = interrupted(&engine, "PutItem", async move {
        let _ = add_type(&other, "B").await;
    });
    let made = slow.change_policies(tenant(1), suspend).await;
    assert_eq!(made.expect("an answer"), 1);
    let policy = read(&store, 1).await;
    assert!(is_suspended(&policy));
    assert_eq!(
        (policy.event_types, policy.version),
        (named(&["A", "B"]), 3)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_is_deleted_meanwhile_stays_deleted_and_the_others_are_changed() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    for number in 1..=3 {
        keep(&store, &policy(tenant(1), number, named(&["A"]))).await;
    }
    let other = store.clone();
    let slow = interrupted(&engine, "PutItem", async move {
        let deleted = other.delete_policy(tenant(1), policy_id(1)).await;
        assert!(deleted.expect("an answer").is_some());
    });
    let made = slow.change_policies(tenant(1), suspend).await;
    assert_eq!(made.expect("an answer"), 2);
    let gone = store.policy(tenant(1), policy_id(1)).await;
    assert_eq!(gone.expect("an answer"), None);
    for number in [2, 3] {
        assert!(is_suspended(&read(&store, number).await), "{number}");
    }
}

#[tokio::test]
async fn the_first_reason_of_a_suspension_stays() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, EventTypes::All)).await;
    let at = |n| dawn() + seconds(n);
    for (n, reason) in [
        (1, SuspensionReason::Complained),
        (2, SuspensionReason::Bounced),
    ] {
        let place = (tenant(1), policy_id(1));
        let suspended = store
            .suspend_recipient(place, &recipient_id(1), reason, at(n))
            .await;
        let Changed::Done(policy) = suspended.expect("an answer") else {
            panic!("the policy is there");
        };
        let reason = SuspensionReason::Complained;
        let expected = RecipientStatus::Suspended {
            since: at(1),
            reason,
        };
        assert_eq!((policy.recipients[0].status, policy.version), (expected, 2));
    }
    let place = (tenant(1), policy_id(2));
    let (recipient, reason) = (recipient_id(1), SuspensionReason::Gone);
    let missing = store
        .suspend_recipient(place, &recipient, reason, dawn())
        .await;
    assert_eq!(missing.expect("an answer"), Changed::NotFound);
}

#[tokio::test]
async fn who_moved_is_not_suspended_for_where_it_was() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, EventTypes::All)).await;
    let place = (tenant(1), policy_id(1));
    let before = read(&store, 1).await.recipients.remove(0);
    let elsewhere = |policy: Policy| {
        let moved = policy.redirect_recipient(&before.id, &url("elsewhere"), dawn());
        Ok::<_, StoreError>(moved.expect("a place to go"))
    };
    let _ = store
        .change_policy(tenant(1), policy_id(1), elsewhere)
        .await
        .expect("an answer");
    let after = read(&store, 1).await.recipients.remove(0);
    let gone: Outcome = Answer {
        status: 410,
        body: String::new(),
    }
    .into();
    for (told, active) in [(&before, true), (&after, false)] {
        let reason = SuspensionReason::Gone;
        let follows = store.suspends(place, told, &gone).await;
        assert_eq!(follows.expect("an answer"), (!active).then_some(reason));
        let suspended = store.suspend_there(place, told, reason, dawn()).await;
        let _ = suspended.expect("an answer");
        assert_eq!(read(&store, 1).await.recipients[0].is_active(), active);
    }
}
