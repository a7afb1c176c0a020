//! Accounts: made once, below one that is in use, and found by their names.

use crate::sample::{accounts, dawn, tenant};
use futures::future::join_all;
use herald::{
    account::{Account, AccountStatus},
    store::{AccountCreation, Accounts, Marking},
};
use std::collections::BTreeSet;

pub(crate) fn account(number: u64, external_id: Option<&str>) -> Account {
    Account {
        id: tenant(number.into()).account,
        number,
        name: format!("Account {number}").parse().expect("a name"),
        external_id: external_id.map(|id| id.parse().expect("an external id")),
        ancestors: Vec::new(),
        status: AccountStatus::Active,
        created_at: dawn(),
        version: 1,
    }
}

/// An account directly below another.
pub(crate) fn below(parent: &Account, number: u64) -> Account {
    Account {
        ancestors: parent.ancestors_below().expect("room below"),
        ..account(number, None)
    }
}

pub(crate) async fn make(accounts: &Accounts, account: &Account) {
    let created = accounts.create(account).await.expect("an answer");
    assert_eq!(created, AccountCreation::Created);
}

/// Marks an account as deleted; returns it as it is then.
pub(crate) async fn begin_erasure(accounts: &Accounts, account: &Account) -> Account {
    match accounts.mark_erasing(account.id).await.expect("an answer") {
        Marking::Done(account) => account,
        refused => panic!("{refused:?}"),
    }
}

async fn named(accounts: &Accounts, name: &str) -> Option<Account> {
    accounts.find_active(name).await.expect("an answer")
}

async fn standing(accounts: &Accounts, account: &Account) -> Option<Account> {
    accounts.account(account.id).await.expect("an answer")
}

#[tokio::test]
async fn an_account_is_made_once_and_read_as_it_was_written() {
    let accounts = accounts().await;
    let organisation = account(1, Some("acme"));
    for made in [organisation.clone(), below(&organisation, 2)] {
        assert_eq!(standing(&accounts, &made).await, None);
        make(&accounts, &made).await;
        let mut other = made.clone();
        other.name = "Another".parse().expect("a name");
        other.external_id = Some("another".parse().expect("an external id"));
        let taken = accounts.create(&other).await.expect("an answer");
        assert_eq!(taken, AccountCreation::ExternalIdTaken);
        assert_eq!(standing(&accounts, &made).await, Some(made));
    }
    let pointer = named(&accounts, "another").await;
    assert_eq!(pointer, None, "nothing is left of what was refused");
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_done_when_it_is_repeated() {
    let accounts = accounts().await;
    let made = account(1, Some("acme"));
    for _ in 0..2 {
        make(&accounts, &made).await;
    }
}

#[tokio::test]
async fn an_account_is_made_only_below_one_that_is_in_use() {
    let accounts = accounts().await;
    let organisation = account(1, None);
    let mut child = below(&organisation, 2);
    child.external_id = Some("child".parse().expect("an external id"));
    let refused = accounts.create(&child).await.expect("an answer");
    assert_eq!(
        refused,
        AccountCreation::NoParent,
        "the parent is not there"
    );
    make(&accounts, &organisation).await;
    begin_erasure(&accounts, &organisation).await;
    let refused = accounts.create(&child).await.expect("an answer");
    assert_eq!(
        refused,
        AccountCreation::NoParent,
        "the parent is being erased"
    );
    assert_eq!(standing(&accounts, &child).await, None);
    assert_eq!(named(&accounts, "child").await, None);
    for parent in [None, Some(organisation.id)] {
        let page = accounts.list(parent, None, 10).await.expect("a page");
        assert!(page.accounts.iter().all(|account| account.id != child.id));
    }
}

#[tokio::test]
async fn an_external_id_is_taken_once() {
    let accounts = accounts().await;
    let first = account(1, Some("acme"));
    make(&accounts, &first).await;
    let alone = account(2, Some("acme"));
    let mut child = below(&first, 3);
    child.external_id = first.external_id.clone();
    for second in [alone, child] {
        let taken = accounts.create(&second).await.expect("an answer");
        assert_eq!(taken, AccountCreation::ExternalIdTaken);
        let missing = standing(&accounts, &second).await;
        assert_eq!(missing, None, "nothing is left of what was refused");
    }
    assert_eq!(named(&accounts, "acme").await, Some(first));
}

#[tokio::test]
async fn of_many_accounts_with_one_external_id_at_the_same_moment_one_is_made() {
    let store = accounts().await;
    let accounts: Vec<_> = (1..=10).map(|n| account(n, Some("acme"))).collect();
    let answers = join_all(accounts.iter().map(|made| store.create(made))).await;
    let named = named(&store, "acme").await;
    for (account, answer) in accounts.into_iter().zip(answers) {
        let created = answer.expect("an answer") == AccountCreation::Created;
        assert_eq!(created, standing(&store, &account).await.is_some());
        assert_eq!(created, named == Some(account));
    }
}

#[tokio::test]
async fn an_account_is_named_by_its_id_or_its_external_id() {
    let accounts = accounts().await;
    let odd = "00000000-0000-0000-0000-0000000000ff";
    for made in [
        account(1, Some("acme")),
        account(2, None),
        account(3, Some(odd)),
    ] {
        make(&accounts, &made).await;
    }
    let id = |number| tenant(number).account.to_string();
    for (name, number) in [
        (id(1).as_str(), Some(1)),
        ("acme", Some(1)),
        (&id(2), Some(2)),
        (odd, Some(3)),
        ("Acme", None),
        (&id(4), None),
        ("", None),
        ("Account 1", None),
    ] {
        let found = named(&accounts, name).await;
        let expected = number.map(|number| tenant(number).account);
        assert_eq!(found.map(|account| account.id), expected, "{name:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_being_erased_stands_and_is_no_longer_named() {
    let accounts = accounts().await;
    let made = account(1, Some("acme"));
    make(&accounts, &made).await;
    let erasing = begin_erasure(&accounts, &made).await;
    for name in ["acme", &made.id.to_string()] {
        assert_eq!(named(&accounts, name).await, None, "{name}");
    }
    assert_eq!(standing(&accounts, &made).await, Some(erasing.clone()));
    let external_id = "acme".parse().expect("an external id");
    let found = accounts.with_external_id(&external_id).await;
    assert_eq!(found.expect("an answer"), Some(erasing));
}

#[tokio::test]
async fn numbers_drawn_at_the_same_moment_differ_and_later_ones_are_larger() {
    let accounts = accounts().await;
    let mut last = 0;
    for _ in 0..3 {
        let drawn = join_all((0..10).map(|_| accounts.next_number())).await;
        let drawn: BTreeSet<u64> = drawn
            .into_iter()
            .map(|number| number.expect("a number"))
            .collect();
        assert_eq!(drawn.len(), 10, "{drawn:?}");
        assert!(drawn.iter().all(|number| *number > last), "{drawn:?}");
        last = drawn.last().copied().expect("ten numbers");
    }
}
