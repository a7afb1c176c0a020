//! Hints follow the event types of their policies.

use crate::{
    policy_changes::{add_type, keep, remove_type},
    sample::{event_type, here, in_test_mode, named, of_type, policy, policy_id, store, tenant},
};
use herald::{
    dialect::Dialect,
    id::PolicyId,
    policy::{EventTypes, MatchKey},
    store::{Changed, HintPage, Store, StoreError},
};

/// The numbers of the policies that the hints at a key name.
pub(crate) async fn hinted(store: &Store, key: &MatchKey) -> Vec<u128> {
    let page = store.hints(&here(tenant(1), key.clone()), None, 100).await;
    numbers(&page.expect("an answer"))
}

fn numbers(page: &HintPage) -> Vec<u128> {
    let number = |(_, id): &(_, PolicyId)| id.as_uuid().as_u128();
    page.hints.iter().map(number).collect()
}

#[tokio::test]
async fn a_new_policy_is_found_by_what_it_names_and_by_nothing_else() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A", "B"]))).await;
    keep(&store, &policy(tenant(1), 2, EventTypes::All)).await;
    for (key, policies) in [
        (of_type("A"), vec![1]),
        (of_type("B"), vec![1]),
        (of_type("C"), vec![]),
        (MatchKey::AllOf(Dialect::Sequence), vec![2]),
    ] {
        assert_eq!(hinted(&store, &key).await, policies, "{key}");
        let test = in_test_mode(tenant(1));
        for owner in [tenant(2), test] {
            let page = store.hints(&here(owner, key.clone()), None, 100).await;
            assert_eq!(numbers(&page.expect("an answer")), [], "{owner}");
        }
    }
}

#[tokio::test]
async fn hints_come_and_go_with_the_types() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    keep(&store, &policy(tenant(1), 2, named(&["A", "B"]))).await;
    let _ = add_type(&store, "B").await;
    assert_eq!(hinted(&store, &of_type("B")).await, [1, 2]);
    let _ = remove_type(&store, "A").await.expect("a type is removed");
    assert_eq!(hinted(&store, &of_type("A")).await, [2]);
    assert_eq!(hinted(&store, &of_type("B")).await, [1, 2]);
    let deleted = store.delete_policy(tenant(1), policy_id(1)).await;
    assert!(deleted.expect("an answer").is_some());
    assert_eq!(hinted(&store, &of_type("A")).await, [2]);
    assert_eq!(hinted(&store, &of_type("B")).await, [2]);
}

#[tokio::test]
async fn a_policy_for_all_types_leaves_no_hint_when_it_is_deleted() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, EventTypes::All)).await;
    let deleted = store.delete_policy(tenant(1), policy_id(1)).await;
    assert!(deleted.expect("an answer").is_some());
    let key = MatchKey::AllOf(Dialect::Sequence);
    assert_eq!(hinted(&store, &key).await, []);
}

#[tokio::test]
async fn a_type_that_is_removed_and_added_again_keeps_its_hint() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A", "B"]))).await;
    for _ in 0..3 {
        let _ = remove_type(&store, "B").await.expect("a type is removed");
        assert_eq!(hinted(&store, &of_type("B")).await, []);
        let _ = add_type(&store, "B").await;
        assert_eq!(hinted(&store, &of_type("B")).await, [1]);
    }
}

#[tokio::test]
async fn a_change_of_something_else_leaves_the_hints() {
    let store = store().await;
    keep(&store, &policy(tenant(1), 1, named(&["A"]))).await;
    let _ = add_type(&store, "A").await;
    let changed = store.change_policy(tenant(1), policy_id(1), Ok::<_, StoreError>);
    assert!(matches!(changed.await, Ok(Changed::Done(_))));
    assert_eq!(hinted(&store, &of_type("A")).await, [1]);
}

#[tokio::test]
async fn a_policy_with_more_types_than_one_batch_holds_is_found_by_each() {
    let store = store().await;
    let names: Vec<_> = (0..60).map(|n| format!("TYPE_{n}")).collect();
    let types = EventTypes::named(names.iter().map(|name| event_type(name)));
    keep(&store, &policy(tenant(1), 1, types.expect("types"))).await;
    for name in names {
        assert_eq!(hinted(&store, &of_type(&name)).await, [1], "{name}");
    }
}

#[tokio::test]
async fn hints_are_read_in_pages_in_the_order_of_policies() {
    let store = store().await;
    for number in [5, 3, 1, 4, 2] {
        keep(&store, &policy(tenant(1), number, named(&["A"]))).await;
    }
    let (mut after, mut read) = (None, Vec::new());
    loop {
        let page = store.hints(&here(tenant(1), of_type("A")), after, 2).await;
        let page = page.expect("an answer");
        assert!(page.hints.len() <= 2);
        assert!(page.hints.iter().all(|(owner, _)| *owner == tenant(1)));
        read.extend(numbers(&page));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, [1, 2, 3, 4, 5]);
}
