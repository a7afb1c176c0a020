//! The keys of accounts: one is written over the one before, and opened late by half a minute at
//! most.

use crate::sample::{dawn, in_test_mode, seconds, store, tenant};
use herald::{
    keyring::Keyring,
    secret::Secret,
    signing_key::{KeyId, NewKey, SigningKey},
    store::Store,
    vault::Vault,
};
use herald_local::{keys::LocalKeys, world::chance::SeededRandom};
use std::sync::Arc;
use uuid::Uuid;

fn vault(store: &Store) -> Vault {
    let random = Arc::new(SeededRandom::new(1));
    let keys = LocalKeys::in_memory(random.clone());
    Vault::new(store.clone(), Arc::new(keys), random)
}

async fn key(vault: &Vault, number: u128) -> NewKey {
    let secret = Secret::new(format!("secret {number}"));
    let context = SigningKey::seal_context(tenant(1));
    NewKey {
        id: KeyId::from_uuid(Uuid::from_u128(number)),
        secret: vault.seal(&context, &secret).await.expect("sealed"),
        created_at: dawn(),
        expires_at: dawn() + seconds(1_000),
    }
}

async fn keep(store: &Store, key: &SigningKey) -> bool {
    let kept = store.keep_signing_key(tenant(1), key).await;
    kept.expect("an answer")
}

#[tokio::test]
async fn of_two_keys_that_are_made_at_once_one_counts() {
    let store = store().await;
    let vault = vault(&store);
    let first = SigningKey::first(key(&vault, 1).await);
    assert!(keep(&store, &first).await);
    assert!(!keep(&store, &SigningKey::first(key(&vault, 2).await)).await);
    let found = store.signing_key(tenant(1)).await.expect("an answer");
    assert_eq!(found, Some(first.clone()));
    let other_mode = store.signing_key(in_test_mode(tenant(1))).await;
    assert_eq!(other_mode.expect("an answer"), None);
    let third = first.replaced_by(key(&vault, 3).await, dawn() + seconds(60));
    assert!(keep(&store, &third).await);
    assert!(!keep(&store, &third).await, "over itself");
}

#[tokio::test]
async fn a_new_key_is_used_half_a_minute_later_and_the_one_before_counts_beside_it() {
    let store = store().await;
    let vault = vault(&store);
    let keyring = Keyring::new(store.clone(), vault.clone());
    let open = async |after| {
        let key = keyring.key(tenant(1), dawn() + seconds(after)).await;
        let key = key.expect("an answer")?;
        let secrets = key.secrets.iter().map(|secret| secret.expose().to_owned());
        Some(secrets.collect::<Vec<_>>())
    };
    assert_eq!(open(0).await, None);
    let first = SigningKey::first(key(&vault, 1).await);
    assert!(keep(&store, &first).await);
    let alone = vec!["secret 1".to_owned()];
    assert_eq!(
        open(1).await.as_ref(),
        Some(&alone),
        "none is not remembered"
    );
    let second = first.replaced_by(key(&vault, 2).await, dawn() + seconds(60));
    assert!(keep(&store, &second).await);
    assert_eq!(open(30).await.as_ref(), Some(&alone));
    let both = vec!["secret 2".to_owned(), "secret 1".to_owned()];
    assert_eq!(open(31).await, Some(both));
    assert_eq!(open(61).await, Some(vec!["secret 2".to_owned()]));
}
