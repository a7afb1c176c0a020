//! Changes of one policy that run into each other between two requests: a hint may be there too
//! many, but never one too few.

use crate::{
    hints::hinted,
    interlude::interrupted,
    policy_changes::{Refusal, add_type, keep, remove_type},
    sample::{dawn, engine, event_type, named, of_type, policy, policy_id, store, tenant},
};
use futures::future::{join, join_all};
use herald::{settings, store::Changed};
use std::sync::{Mutex, mpsc};
use tokio::{runtime::Handle, task::block_in_place};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_that_is_added_again_while_its_hint_is_being_removed_keeps_the_hint() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    keep(&store, &policy(tenant(1), 1, named(&["A", "B"]))).await;
    let other = store.clone();
    let slow = interrupted(&engine, "DeleteItem", async move {
        let Changed::Done(policy) = add_type(&other, "B").await else {
            panic!("the policy is there");
        };
        assert_eq!(policy.version, 3, "the removal is written already");
    });
    let _ = remove_type(&slow, "B").await.expect("a type is removed");
    assert_eq!(hinted(&store, &of_type("B")).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_a_change_overtakes_removes_the_hints_of_the_change() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    let other = store.clone();
    let slow = interrupted(&engine, "DeleteItem", async move {
        let _ = add_type(&other, "B").await;
    });
    let deleted = slow.delete_policy(tenant(1), policy_id(1)).await;
    let deleted = deleted.expect("an answer").expect("it was there");
    assert_eq!(deleted.event_types, named(&["A", "B"]));
    for name in ["A", "B"] {
        assert_eq!(hinted(&store, &of_type(name)).await, [], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_whose_hint_is_written_after_its_removal_is_added_again() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    let other = store.clone();
    let slow = interrupted(&engine, "PutItem", async move {
        let _ = add_type(&other, "B").await;
        let _ = remove_type(&other, "B").await.expect("a type is removed");
    });
    let Changed::Done(policy) = add_type(&slow, "B").await else {
        panic!("the policy is there");
    };
    assert_eq!(policy.version, 4);
    assert_eq!(hinted(&store, &of_type("B")).await, [1]);
}

#[tokio::test]
async fn a_type_that_many_add_and_remove_is_hinted_while_it_is_named() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    for round in 0..5 {
        let additions = join_all((0..6).map(|_| add_type(&store, "B")));
        // A removal is refused where the type is not named at the moment.
        let removals = join_all((0..6).map(|_| remove_type(&store, "B")));
        join(additions, removals).await;
        let policy = store.policy(tenant(1), policy_id(1)).await;
        let policy = policy.expect("an answer").expect("the policy");
        if policy.event_types == named(&["A", "B"]) {
            assert_eq!(hinted(&store, &of_type("B")).await, [1], "round {round}");
        }
        assert_eq!(hinted(&store, &of_type("A")).await, [1], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hint_that_is_written_late_survives_a_removal_that_is_older_than_its_type() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    let (tell, arrived) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let slow = interrupted(&engine, "DeleteItem", async move {
        tell.send(()).expect("somebody waits");
        released.recv().expect("somebody lets it go on");
    });
    let removal = Mutex::new(None);
    let late = store.change_policy(tenant(1), policy_id(1), |policy| {
        if policy.version == 1 {
            block_in_place(|| {
                let runtime = Handle::current();
                let _ = runtime.block_on(add_type(&store, "B"));
                let slow = slow.clone();
                // Version 3 is written; the removal of the hint waits.
                let removing = runtime.spawn(async move { remove_type(&slow, "B").await });
                removal.lock().expect("no holder panics").replace(removing);
                arrived.recv().expect("the removal is under way");
                let _ = runtime.block_on(add_type(&store, "B"));
            });
        }
        // Made on version 1: its hint is of version 2, the one that stands of version 4.
        let changed = policy.add_event_types([event_type("B")], dawn());
        changed.map_err(Refusal::from)
    });
    assert!(matches!(late.await, Ok(Changed::Done(_))));
    release.send(()).expect("the removal waits");
    let removing = removal.lock().expect("no holder panics").take();
    let removed = removing.expect("it was started").await.expect("it ends");
    let _ = removed.expect("a type is removed");
    assert_eq!(hinted(&store, &of_type("B")).await, [1]);
}
