//! The tokens of links to unsubscribe: who has not got the mail cannot make one.

use crate::sample::{engine, in_test_mode, policy_id, recipient_id, store, tenant};
use data_encoding::BASE64URL_NOPAD;
use herald::{random::Random, settings, store::Store, unsubscribe::UnsubscribeToken, vault::Vault};
use herald_local::{keys::LocalKeys, world::chance::SeededRandom};
use std::sync::Arc;

/// The vault of a stack, which has a master key of its own.
fn vault(store: &Store, stack: u64) -> Vault {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(stack));
    let keys = LocalKeys::in_memory(Arc::clone(&random));
    Vault::new(store.clone(), Arc::new(keys), random)
}

fn token() -> UnsubscribeToken {
    UnsubscribeToken {
        owner: tenant(1),
        policy: policy_id(2),
        recipient: recipient_id(3),
    }
}

async fn read(token: &str, vault: &Vault) -> Option<UnsubscribeToken> {
    let read = UnsubscribeToken::read(token, vault).await;
    read.expect("the key")
}

/// Something in the place of what a token says, signed for a purpose.
async fn signed(vault: &Vault, purpose: &str, version: &str, named: &[u8]) -> String {
    let text = format!("{version}.{}", BASE64URL_NOPAD.encode(named));
    let signature = vault.sign(purpose, &text).await.expect("the key");
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// What a token says, as it stands in it.
async fn named(vault: &Vault) -> Vec<u8> {
    let token = token().sign(vault).await.expect("the key");
    let encoded = token.split('.').nth(1).expect("three parts");
    BASE64URL_NOPAD.decode(encoded.as_bytes()).expect("base64")
}

#[tokio::test]
async fn a_token_reads_back_and_is_the_same_every_time() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    let (first, second) = (vault(&store, 2), vault(&store, 2));
    let live = token();
    let in_test = UnsubscribeToken {
        owner: in_test_mode(live.owner),
        ..live.clone()
    };
    for known in [live, in_test] {
        let token = known.sign(&first).await.expect("the key");
        assert_eq!(known.sign(&second).await.expect("the key"), token);
        assert_eq!(read(&token, &second).await, Some(known));
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
        assert!(token.len() < 128 && token.bytes().all(is_plain), "{token}");
    }
}

#[tokio::test]
async fn a_token_that_was_changed_cut_or_continued_is_none() {
    let vault = vault(&store().await, 2);
    let token = token().sign(&vault).await.expect("the key");
    for place in 0..token.len() {
        assert_eq!(read(&token[..place], &vault).await, None, "cut at {place}");
        let mut forged = token.clone().into_bytes();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        assert_eq!(read(&forged, &vault).await, None, "{forged}");
    }
    for other in [
        "",
        ".",
        "..",
        "1..",
        "ä.ö.ü",
        &format!("{token}A"),
        &format!("{token}."),
    ] {
        assert_eq!(read(other, &vault).await, None, "{other:?}");
    }
}

#[tokio::test]
async fn a_token_of_another_stack_is_none() {
    let (here, there) = (vault(&store().await, 2), vault(&store().await, 3));
    let token = token().sign(&there).await.expect("the key");
    assert_eq!(read(&token, &here).await, None);
}

#[tokio::test]
async fn what_was_signed_for_something_else_is_no_token() {
    let vault = vault(&store().await, 2);
    let named = named(&vault).await;
    let made = signed(&vault, "unsubscribe", "1", &named).await;
    assert_eq!(read(&made, &vault).await, Some(token()));
    for (purpose, version) in [
        ("subscribe", "1"),
        ("", "1"),
        ("unsubscribe", "2"),
        ("unsubscribe", ""),
    ] {
        let other = signed(&vault, purpose, version, &named).await;
        assert_eq!(read(&other, &vault).await, None, "{purpose} {version}");
    }
}

#[tokio::test]
async fn what_names_nothing_is_none_even_if_it_is_signed() {
    let vault = vault(&store().await, 2);
    let named = named(&vault).await;
    for cut in 0..named.len() {
        let cut = signed(&vault, "unsubscribe", "1", &named[..cut]).await;
        assert_eq!(read(&cut, &vault).await, None, "{cut}");
    }
    let mut other_mode = named.clone();
    other_mode[16] = 2;
    let longer = [&named[..], b"0"].concat();
    for other in [other_mode, longer] {
        let other = signed(&vault, "unsubscribe", "1", &other).await;
        assert_eq!(read(&other, &vault).await, None, "{other}");
    }
}
