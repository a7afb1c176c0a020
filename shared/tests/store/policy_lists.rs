//! Policies are listed by age, in pages that lose and repeat none.

use crate::{
    policy_changes::keep,
    sample::{in_test_mode, named, policy, policy_id, store, tenant},
};
use futures::{StreamExt, stream};
use herald::{
    policy::Policy,
    store::{ListOrder, PolicyQuery, Store},
};

fn query(order: ListOrder, limit: usize) -> PolicyQuery {
    PolicyQuery {
        owner: tenant(1),
        order,
        after: None,
        limit,
    }
}

fn newest() -> PolicyQuery {
    query(ListOrder::Newest, 100)
}

async fn with_policies(numbers: impl IntoIterator<Item = u128>) -> Store {
    let store = store().await;
    stream::iter(numbers)
        .for_each_concurrent(8, async |number| {
            let policy = policy(tenant(1), number, named(&["INVOICE_ISSUED"]));
            keep(&store, &policy).await;
        })
        .await;
    store
}

/// The numbers of a page's policies, and whether more follow.
async fn page(
    store: &Store,
    query: PolicyQuery,
    keep: impl Fn(&Policy) -> bool,
) -> (Vec<u128>, bool) {
    let page = store.list_policies(query, keep).await.expect("an answer");
    let number = |policy: &Policy| policy.id.as_uuid().as_u128();
    (page.policies.iter().map(number).collect(), page.more)
}

#[tokio::test]
async fn policies_are_listed_by_age_in_both_directions() {
    let store = with_policies([3, 1, 4, 2, 5]).await;
    let newest = page(&store, newest(), |_| true).await;
    assert_eq!(newest, (vec![5, 4, 3, 2, 1], false));
    let oldest = page(&store, query(ListOrder::Oldest, 100), |_| true).await;
    assert_eq!(oldest, (vec![1, 2, 3, 4, 5], false));
}

#[tokio::test]
async fn pages_follow_each_other_and_say_whether_more_follow() {
    let store = with_policies(1..=5).await;
    for (order, pages) in [
        (ListOrder::Newest, [vec![5, 4], vec![3, 2], vec![1]]),
        (ListOrder::Oldest, [vec![1, 2], vec![3, 4], vec![5]]),
    ] {
        let mut wanted = query(order, 2);
        for (expected, more) in pages.into_iter().zip([true, true, false]) {
            let last = expected.last().copied();
            assert_eq!(page(&store, wanted, |_| true).await, (expected, more));
            wanted.after = last.map(policy_id);
        }
        assert_eq!(page(&store, wanted, |_| true).await, (vec![], false));
    }
    let exact = page(&store, query(ListOrder::Newest, 5), |_| true).await;
    assert!(!exact.1, "a page that is just full is the last");
}

#[tokio::test]
async fn a_listing_goes_on_after_a_policy_that_is_there_no_more() {
    let store = with_policies(1..=4).await;
    let deleted = store.delete_policy(tenant(1), policy_id(3)).await;
    assert!(deleted.expect("an answer").is_some());
    let after = Some(policy_id(3));
    let older = page(&store, PolicyQuery { after, ..newest() }, |_| true).await;
    assert_eq!(older, (vec![2, 1], false));
}

#[tokio::test]
async fn a_filter_fills_the_page_from_far_away() {
    let store = with_policies(1..=230).await;
    let rare = |policy: &Policy| policy.id.as_uuid().as_u128() % 50 == 1;
    let all = page(&store, newest(), rare).await;
    assert_eq!(all, (vec![201, 151, 101, 51, 1], false));
    let mut wanted = query(ListOrder::Oldest, 3);
    assert_eq!(page(&store, wanted, rare).await, (vec![1, 51, 101], true));
    wanted.after = Some(policy_id(101));
    assert_eq!(page(&store, wanted, rare).await, (vec![151, 201], false));
    let whole = page(&store, query(ListOrder::Newest, 1_000), |_| true).await;
    assert_eq!(whole, ((1..=230).rev().collect(), false));
}

#[tokio::test]
async fn only_the_owners_policies_are_listed() {
    let store = with_policies(1..=2).await;
    let test = in_test_mode(tenant(1));
    for owner in [tenant(2), test] {
        let theirs = PolicyQuery { owner, ..newest() };
        assert_eq!(page(&store, theirs, |_| true).await, (vec![], false));
    }
}

#[tokio::test]
async fn policies_behind_hints_come_in_the_order_of_the_hints() {
    let store = with_policies(1..=120).await;
    let hint = |number| (tenant(1), policy_id(number));
    let hints: Vec<_> = (1..=130).rev().map(hint).collect();
    let found = store.policies(&hints).await.expect("an answer");
    let numbers = found.iter().map(|policy| policy.id.as_uuid().as_u128());
    let expected: Vec<u128> = (1..=120).rev().collect();
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    assert_eq!(store.policies(&[]).await.expect("an answer"), []);
}
