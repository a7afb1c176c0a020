//! The vault on the store: sealed secrets open in their context, and in no other.

use crate::{
    interlude::interrupted,
    sample::{engine, store},
};
use herald::{
    random::Random,
    secret::Secret,
    settings,
    store::Store,
    vault::{Sealed, Vault, VaultError},
};
use herald_local::{keys::LocalKeys, world::chance::SeededRandom};
use std::sync::Arc;

/// A master key of its own.
fn master_key(seed: u64) -> Arc<LocalKeys> {
    Arc::new(LocalKeys::in_memory(Arc::new(SeededRandom::new(seed))))
}

fn vault(store: &Store, keys: &Arc<LocalKeys>) -> Vault {
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
    Vault::new(store.clone(), Arc::clone(keys) as _, random)
}

fn secret() -> Secret {
    Secret::for_policy([7; 24])
}

async fn seal(vault: &Vault, context: &str) -> Sealed {
    let sealed = vault.seal(context, &secret()).await;
    sealed.expect("a secret is sealed")
}

#[tokio::test]
async fn a_sealed_secret_opens_in_its_context() {
    let store = store().await;
    let vault = vault(&store, &master_key(1));
    for text in ["", "whsec_abc", &"ä😀".repeat(1_000)] {
        let secret = Secret::new(text.to_owned());
        let sealed = vault.seal("policy#3", &secret).await.expect("it is sealed");
        let written = serde_json::to_string(&sealed).expect("it is JSON");
        assert!(text.is_empty() || !written.contains(text));
        let opened = vault.open("policy#3", &sealed).await.expect("it opens");
        assert_eq!(opened, secret);
    }
}

#[tokio::test]
async fn a_secret_sealed_twice_looks_different() {
    let store = store().await;
    let vault = vault(&store, &master_key(1));
    assert!(seal(&vault, "policy#3").await != seal(&vault, "policy#3").await);
}

#[tokio::test]
async fn a_ciphertext_does_not_open_in_another_context() {
    let store = store().await;
    let vault = vault(&store, &master_key(1));
    let sealed = seal(&vault, "policy#1").await;
    for context in ["policy#2", "policy#", "policy#1 ", ""] {
        let opened = vault.open(context, &sealed).await;
        assert!(matches!(opened, Err(VaultError::Corrupt)), "{context:?}");
    }
}

#[tokio::test]
async fn what_was_not_sealed_here_does_not_open() {
    let store = store().await;
    let vault = vault(&store, &master_key(1));
    let sealed = serde_json::to_string(&seal(&vault, "policy#3").await).expect("it is JSON");
    let text = sealed.trim_matches('"');
    let (start, end) = text.split_at(text.len() / 2);
    let flipped = if end.starts_with('A') { 'B' } else { 'A' };
    for text in [
        String::new(),
        "1.".to_owned(),
        "1.AAAA".to_owned(),
        "1.not base64!".to_owned(),
        text.replacen("1.", "2.", 1),
        text.replacen("1.", "", 1),
        start.to_owned(),
        format!("{start}{flipped}{}", &end[1..]),
    ] {
        let json = serde_json::to_string(&text).expect("a text is JSON");
        let forged: Sealed = serde_json::from_str(&json).expect("any text");
        let opened = vault.open("policy#3", &forged).await;
        assert!(matches!(opened, Err(VaultError::Corrupt)), "{text:?}");
    }
}

#[tokio::test]
async fn vaults_on_one_store_share_the_data_key() {
    let store = store().await;
    let keys = master_key(1);
    let (first, second) = (vault(&store, &keys), vault(&store, &keys));
    let sealed = seal(&first, "policy#3").await;
    let kept = store.data_key().await.expect("an answer");
    let opened = second.open("policy#3", &sealed).await;
    assert_eq!(opened.expect("it opens"), secret());
    let back = seal(&second, "policy#3").await;
    let opened = first.open("policy#3", &back).await;
    assert_eq!(opened.expect("it opens"), secret());
    let still = store.data_key().await.expect("an answer");
    assert!(kept.is_some() && kept == still, "the data key is made once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_another_overtakes_takes_over_the_others_data_key() {
    let engine = engine().await;
    let store = engine.store(settings::DEFAULT_RETENTION);
    let keys = master_key(1);
    let fast = vault(&store, &keys);
    let overtaking = fast.clone();
    let interrupted = interrupted(&engine, "PutItem", async move {
        seal(&overtaking, "interlude").await;
    });
    let slow = vault(&interrupted, &keys);
    let sealed = seal(&slow, "policy#3").await;
    for vault in [&fast, &vault(&store, &keys)] {
        let opened = vault.open("policy#3", &sealed).await;
        assert_eq!(opened.expect("it opens"), secret());
    }
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let store = store().await;
    let sealed = seal(&vault(&store, &master_key(1)), "policy#3").await;
    let stranger = vault(&store, &master_key(2));
    let opened = stranger.open("policy#3", &sealed).await;
    assert!(matches!(opened, Err(VaultError::Keys(_))));
    let made = stranger.seal("policy#3", &secret()).await;
    assert!(matches!(made, Err(VaultError::Keys(_))), "nor seals");
    let opened = vault(&store, &master_key(1))
        .open("policy#3", &sealed)
        .await;
    assert_eq!(opened.expect("it opens"), secret());
}
