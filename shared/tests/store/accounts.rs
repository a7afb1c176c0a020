//! Accounts and credentials.

use crate::sample::{store, tenant};
use futures::future::join_all;
use herald::{
    account::Account,
    credential::{Credential, Role},
    secret::Secret,
    store::NewAccount,
    tenant::Mode,
};

fn account(number: u128, external_id: Option<&str>) -> Account {
    Account {
        id: tenant(number).account,
        name: format!("Account {number}"),
        external_id: external_id.map(str::to_owned),
        ancestors: vec![tenant(100).account, tenant(101).account],
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn credential(id: &str, owner: u128) -> Credential {
    Credential {
        id: id.to_owned(),
        account: tenant(owner).account,
        mode: Mode::Test,
        role: Role::Publish,
        secret: serde_json::from_str(r#""1.c2VhbGVk""#).expect("a sealed secret"),
    }
}

#[tokio::test]
async fn an_account_is_made_once_and_read_as_it_was_written() {
    let store = store().await;
    for made in [account(1, Some("acme")), account(2, None)] {
        let missing = store.account(made.id).await.expect("an answer");
        assert_eq!(missing, None);
        let created = store.create_account(&made).await.expect("an answer");
        assert_eq!(created, NewAccount::Created);
        let mut other = made.clone();
        other.name = "Another".to_owned();
        other.external_id = Some("another".to_owned());
        let taken = store.create_account(&other).await.expect("an answer");
        assert_eq!(taken, NewAccount::Taken);
        let kept = store.account(made.id).await.expect("an answer");
        assert_eq!(kept, Some(made));
    }
    let pointer = store.account_named("another").await.expect("an answer");
    assert_eq!(pointer, None, "nothing is left of what was refused");
}

#[tokio::test]
async fn an_external_id_is_taken_once() {
    let store = store().await;
    let first = account(1, Some("acme"));
    let created = store.create_account(&first).await.expect("an answer");
    assert_eq!(created, NewAccount::Created);
    let second = account(2, Some("acme"));
    let taken = store.create_account(&second).await.expect("an answer");
    assert_eq!(taken, NewAccount::Taken);
    let missing = store.account(second.id).await.expect("an answer");
    assert_eq!(missing, None, "nothing is left of what was refused");
    let named = store.account_named("acme").await.expect("an answer");
    assert_eq!(named, Some(first));
}

#[tokio::test]
async fn of_many_accounts_with_one_external_id_at_the_same_moment_one_is_made() {
    let store = store().await;
    let accounts: Vec<_> = (1..=10).map(|n| account(n, Some("acme"))).collect();
    let answers = join_all(accounts.iter().map(|made| store.create_account(made))).await;
    let named = store.account_named("acme").await.expect("an answer");
    for (account, answer) in accounts.into_iter().zip(answers) {
        let created = answer.expect("an answer") == NewAccount::Created;
        let kept = store.account(account.id).await.expect("an answer");
        assert_eq!(created, kept.is_some());
        assert_eq!(created, named == Some(account));
    }
}

#[tokio::test]
async fn an_account_is_named_by_its_id_or_its_external_id() {
    let store = store().await;
    let odd = "00000000-0000-0000-0000-0000000000ff";
    for made in [
        account(1, Some("acme")),
        account(2, None),
        account(3, Some(odd)),
    ] {
        let created = store.create_account(&made).await.expect("an answer");
        assert_eq!(created, NewAccount::Created);
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
        let named = store.account_named(name).await.expect("an answer");
        let expected = number.map(|number| tenant(number).account);
        assert_eq!(named.map(|account| account.id), expected, "{name:?}");
    }
}

#[tokio::test]
async fn a_credential_is_found_by_its_secret_until_it_is_removed() {
    let store = store().await;
    let owner = account(1, None);
    let created = store.create_account(&owner).await.expect("an answer");
    assert_eq!(created, NewAccount::Created);
    for (id, text) in [("first", "one"), ("second", "two")] {
        let kept = credential(id, 1);
        let put = store.put_credential(&kept, &secret(text)).await;
        put.expect("an answer");
    }
    for (text, id) in [("one", Some("first")), ("two", Some("second")), ("", None)] {
        let found = store.find_credential(&secret(text)).await;
        let found = found.expect("an answer");
        assert_eq!(found.as_ref().map(|f| f.credential.id.as_str()), id);
        if let (Some(found), Some(id)) = (found, id) {
            assert_eq!(found.credential, credential(id, 1));
            assert_eq!(found.account, owner);
        }
    }
    for _ in 0..2 {
        let removed = store.remove_credential(&secret("one")).await;
        removed.expect("an answer");
    }
    let opened = store.find_credential(&secret("one")).await;
    assert!(opened.expect("an answer").is_none());
    let other = store.find_credential(&secret("two")).await;
    assert!(other.expect("an answer").is_some(), "the other one stays");
}

#[tokio::test]
async fn a_credential_of_an_account_that_is_not_there_opens_nothing() {
    let store = store().await;
    let orphan = credential("orphan", 1);
    let put = store.put_credential(&orphan, &secret("one")).await;
    put.expect("an answer");
    let found = store.find_credential(&secret("one")).await;
    assert!(found.expect("an answer").is_none());
}
