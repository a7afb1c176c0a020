//! Accounts in lists, as they change, and as they end.

use crate::{
    accounts::{account, begin_erasure, below, make},
    sample::{accounts, engine},
};
use futures::future::join_all;
use herald::{
    account::Account,
    id::AccountId,
    store::{AccountCreation, Accounts, Marking, Renaming},
};
use herald_local::engine::ACCOUNTS_TABLE;

/// The numbers of the accounts that a list has, page by page.
async fn listed(accounts: &Accounts, parent: Option<AccountId>, limit: usize) -> Vec<Vec<u64>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = accounts.list(parent, after, limit).await.expect("a page");
        pages.push(page.accounts.iter().map(|account| account.number).collect());
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn all_accounts_and_those_directly_below_one_are_listed_in_pages() {
    let accounts = accounts().await;
    let organisation = account(1, Some("acme"));
    let child = below(&organisation, 2);
    make(&accounts, &organisation).await;
    make(&accounts, &child).await;
    make(&accounts, &below(&child, 3)).await;
    for number in 4..=6 {
        make(&accounts, &below(&organisation, number)).await;
    }
    make(&accounts, &account(7, None)).await;
    let all = [vec![1, 2, 3], vec![4, 5, 6], vec![7]];
    assert_eq!(listed(&accounts, None, 3).await, all);
    let flat = |pages: Vec<Vec<u64>>| pages.concat();
    for limit in [1, 2, 100] {
        let below = |parent: &Account| listed(&accounts, Some(parent.id), limit);
        assert_eq!(flat(below(&organisation).await), [2, 4, 5, 6], "{limit}");
        assert_eq!(flat(below(&child).await), [3], "{limit}");
        assert_eq!(below(&account(7, None)).await, [[0; 0]], "{limit}");
    }
}

#[tokio::test]
async fn names_given_at_the_same_moment_are_all_given() {
    let accounts = accounts().await;
    let made = account(1, None);
    make(&accounts, &made).await;
    let name = |number: usize| format!("Name {number}").parse().expect("a name");
    let names: Vec<_> = (0..10).map(name).collect();
    let renames = join_all(names.iter().map(|name| accounts.rename(made.id, name))).await;
    let mut versions = Vec::new();
    for (renamed, name) in renames.into_iter().zip(&names) {
        let Renaming::Done(account) = renamed.expect("an answer") else {
            panic!("the account is there");
        };
        assert_eq!(account.name, *name);
        versions.push(account.version);
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=11).collect::<Vec<_>>());
    let standing = accounts.account(made.id).await.expect("an answer");
    assert_eq!(standing.map(|account| account.version), Some(11));
}

#[tokio::test]
async fn only_an_account_in_use_is_renamed() {
    let accounts = accounts().await;
    let made = account(1, None);
    let name = "Another".parse().expect("a name");
    let nobody = accounts.rename(made.id, &name).await;
    assert_eq!(nobody.expect("an answer"), Renaming::NotFound);
    make(&accounts, &made).await;
    begin_erasure(&accounts, &made).await;
    let erasing = accounts.rename(made.id, &name).await;
    assert_eq!(erasing.expect("an answer"), Renaming::NotFound);
}

#[tokio::test]
async fn an_account_is_closed_once_and_never_over_one_in_use_below_it() {
    let accounts = accounts().await;
    let organisation = account(1, None);
    let close =
        async |account: &Account| accounts.mark_erasing(account.id).await.expect("an answer");
    assert_eq!(close(&organisation).await, Marking::NotFound);
    make(&accounts, &organisation).await;
    let child = below(&organisation, 2);
    make(&accounts, &child).await;
    assert_eq!(close(&organisation).await, Marking::HasChildren);
    let closed = begin_erasure(&accounts, &child).await;
    assert_eq!(close(&child).await, Marking::Done(closed));
    begin_erasure(&accounts, &organisation).await;
}

#[tokio::test]
async fn an_account_made_below_one_that_is_closed_at_the_same_moment_loses_or_wins() {
    for round in 0..20 {
        let accounts = accounts().await;
        let organisation = account(1, None);
        make(&accounts, &organisation).await;
        let child = below(&organisation, 2);
        let (created, closed) = tokio::join!(
            accounts.create(&child),
            accounts.mark_erasing(organisation.id)
        );
        let created = created.expect("an answer") == AccountCreation::Created;
        let closed = closed.expect("an answer") != Marking::HasChildren;
        assert_ne!(created, closed, "round {round}");
    }
}

#[tokio::test]
async fn accounts_made_below_one_at_the_same_moment_are_all_made() {
    let accounts = accounts().await;
    let organisation = account(1, None);
    make(&accounts, &organisation).await;
    let children: Vec<_> = (2..22).map(|number| below(&organisation, number)).collect();
    for created in join_all(children.iter().map(|child| accounts.create(child))).await {
        assert_eq!(created.expect("an answer"), AccountCreation::Created);
    }
    let page = accounts.list(Some(organisation.id), None, 100).await;
    assert_eq!(page.expect("a page").accounts.len(), 20);
}

#[tokio::test]
async fn the_end_of_an_account_frees_its_external_id_and_leaves_no_row() {
    let engine = engine().await;
    let accounts = engine.accounts();
    let organisation = account(1, None);
    make(&accounts, &organisation).await;
    let before = engine.keys(ACCOUNTS_TABLE).await;
    let mut child = below(&organisation, 2);
    child.external_id = Some("acme".parse().expect("an external id"));
    make(&accounts, &child).await;
    let erasing = begin_erasure(&accounts, &child).await;
    for _ in 0..2 {
        accounts.remove_erased(&erasing).await.expect("an answer");
        assert_eq!(engine.keys(ACCOUNTS_TABLE).await, before);
    }
    let successor = account(3, Some("acme"));
    make(&accounts, &successor).await;
    // A message that comes late takes nothing away from it.
    accounts.remove_erased(&erasing).await.expect("an answer");
    let named = accounts.find_active("acme").await.expect("an answer");
    assert_eq!(named, Some(successor));
}

#[tokio::test]
async fn an_account_that_is_in_use_is_not_removed() {
    let engine = engine().await;
    let accounts = engine.accounts();
    let made = account(1, Some("acme"));
    make(&accounts, &made).await;
    let before = engine.keys(ACCOUNTS_TABLE).await;
    accounts.remove_erased(&made).await.expect("an answer");
    assert_eq!(engine.keys(ACCOUNTS_TABLE).await, before);
    assert_eq!(listed(&accounts, None, 10).await, [[1]]);
}
