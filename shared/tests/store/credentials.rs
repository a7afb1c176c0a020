//! Credentials: found by their secret, listed by their account, and gone without a trace.

use crate::{
    accounts::{account, begin_erasure, make},
    sample::{accounts, dawn, engine, tenant},
};
use futures::future::join_all;
use herald::{
    credential::{Credential, CredentialId, Role},
    secret::Secret,
    store::{Accounts, CredentialCreation},
    tenant::Mode,
};
use herald_local::engine::ACCOUNTS_TABLE;

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn id(text: &str) -> CredentialId {
    text.parse().expect("an id")
}

fn credential(name: &str, owner: u128) -> Credential {
    Credential {
        id: id(name),
        account: tenant(owner).account,
        mode: Mode::Test,
        role: Role::Publish,
        secret: serde_json::from_str(r#""1.c2VhbGVk""#).expect("a sealed secret"),
        created_at: dawn(),
    }
}

async fn give(accounts: &Accounts, credential: &Credential, text: &str) -> CredentialCreation {
    let given = accounts.create_credential(credential, &secret(text)).await;
    given.expect("an answer")
}

/// The id of the credential that a secret opens.
async fn opened(accounts: &Accounts, text: &str) -> Option<String> {
    let found = accounts.find_credential(&secret(text)).await;
    let found = found.expect("an answer");
    found.map(|found| found.credential.id.to_string())
}

#[tokio::test]
async fn a_credential_is_found_by_its_secret_until_it_is_removed() {
    let engine = engine().await;
    let accounts = engine.accounts();
    let owner = account(1, None);
    make(&accounts, &owner).await;
    let before = engine.keys(ACCOUNTS_TABLE).await;
    let one = credential("first", 1);
    assert_eq!(
        give(&accounts, &one, "one").await,
        CredentialCreation::Created
    );
    let found = accounts.find_credential(&secret("one")).await;
    let found = found.expect("an answer").expect("a credential");
    assert_eq!((found.credential, found.account), (one.clone(), owner));
    let two = credential("second", 1);
    assert_eq!(
        give(&accounts, &two, "two").await,
        CredentialCreation::Created
    );
    assert_eq!(opened(&accounts, "").await, None);
    for was_there in [true, false] {
        let removed = accounts.revoke_credential(one.account, &one.id).await;
        assert_eq!(removed.expect("an answer"), was_there);
    }
    assert_eq!(opened(&accounts, "one").await, None);
    assert_eq!(opened(&accounts, "two").await.as_deref(), Some("second"));
    let removed = accounts.revoke_credential(two.account, &two.id).await;
    assert!(removed.expect("an answer"));
    assert_eq!(engine.keys(ACCOUNTS_TABLE).await, before, "no row is left");
    assert_eq!(
        give(&accounts, &one, "one").await,
        CredentialCreation::Created
    );
}

#[tokio::test]
async fn an_id_or_a_secret_is_taken_once() {
    let engine = engine().await;
    let accounts = engine.accounts();
    for number in 1..=2 {
        make(&accounts, &account(number, None)).await;
    }
    let first = credential("first", 1);
    assert_eq!(
        give(&accounts, &first, "one").await,
        CredentialCreation::Created
    );
    let before = engine.keys(ACCOUNTS_TABLE).await;
    for (other, text) in [
        (credential("first", 1), "two"),
        (credential("first", 2), "two"),
        (credential("second", 1), "one"),
        (credential("second", 2), "one"),
        (credential("first", 2), "one"),
    ] {
        let refused = give(&accounts, &other, text).await;
        assert_eq!(refused, CredentialCreation::Taken, "{other:?} {text}");
    }
    assert_eq!(engine.keys(ACCOUNTS_TABLE).await, before, "nothing changed");
    let again = give(&accounts, &first, "one").await;
    assert_eq!(
        again,
        CredentialCreation::Created,
        "its answer may have been lost"
    );
}

#[tokio::test]
async fn of_many_credentials_with_one_id_at_the_same_moment_one_is_made() {
    let accounts = accounts().await;
    make(&accounts, &account(1, None)).await;
    let texts: Vec<_> = (0..10).map(|n| format!("secret {n}")).collect();
    let same = credential("same", 1);
    let given = join_all(texts.iter().map(|text| give(&accounts, &same, text))).await;
    let mut created = 0;
    for (given, text) in given.into_iter().zip(&texts) {
        let opens = opened(&accounts, text).await.is_some();
        assert_eq!(given == CredentialCreation::Created, opens, "{text}");
        created += usize::from(opens);
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn the_credentials_of_an_account_are_listed_in_pages() {
    let accounts = accounts().await;
    for number in 1..=2 {
        make(&accounts, &account(number, None)).await;
    }
    let ids = ["!", "a", "b#c", "z", "~"];
    for (id, mode) in ids
        .into_iter()
        .zip([Mode::Live, Mode::Test].into_iter().cycle())
    {
        let kept = Credential {
            mode,
            ..credential(id, 1)
        };
        assert_eq!(
            give(&accounts, &kept, id).await,
            CredentialCreation::Created
        );
    }
    let stranger = credential("stranger", 2);
    let _ = give(&accounts, &stranger, "stranger").await;
    for limit in [1, 2, 100] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let owner = tenant(1).account;
            let page = accounts.list_credentials(owner, after.as_ref(), limit);
            let page = page.await.expect("a page");
            listed.extend(page.credentials.into_iter().map(|kept| kept.id.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        listed.sort();
        let mut expected = ids.map(str::to_owned);
        expected.sort();
        assert_eq!(listed, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_list_goes_on_after_whatever_id_it_is_told() {
    let accounts = accounts().await;
    make(&accounts, &account(1, None)).await;
    let _ = give(&accounts, &credential("m", 1), "one").await;
    for (after, expected) in [("!", 1), ("a", 1), ("m", 0), ("~~", 0)] {
        let owner = tenant(1).account;
        let page = accounts.list_credentials(owner, Some(&id(after)), 10).await;
        let page = page.unwrap_or_else(|error| panic!("{after:?}: {error:?}"));
        assert_eq!(page.credentials.len(), expected, "{after:?}");
    }
}

#[tokio::test]
async fn a_credential_is_removed_only_from_its_own_account() {
    let accounts = accounts().await;
    for number in 1..=2 {
        make(&accounts, &account(number, None)).await;
    }
    let _ = give(&accounts, &credential("first", 1), "one").await;
    let removed = accounts
        .revoke_credential(tenant(2).account, &id("first"))
        .await;
    assert!(!removed.expect("an answer"));
    assert_eq!(opened(&accounts, "one").await.as_deref(), Some("first"));
}

#[tokio::test]
async fn a_credential_of_an_account_that_is_not_in_use_opens_nothing() {
    let accounts = accounts().await;
    let orphan = credential("orphan", 1);
    assert_eq!(
        give(&accounts, &orphan, "one").await,
        CredentialCreation::Created
    );
    assert_eq!(opened(&accounts, "one").await, None, "there is no account");
    let owner = account(1, None);
    make(&accounts, &owner).await;
    assert!(opened(&accounts, "one").await.is_some());
    begin_erasure(&accounts, &owner).await;
    assert_eq!(opened(&accounts, "one").await, None, "it is being erased");
}
