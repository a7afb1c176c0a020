//! Suppression lists: each of one tenant, by mailbox.

use crate::sample::{dawn, in_test_mode, seconds, store, tenant};
use herald::{
    email::EmailAddress,
    store::{Store, SuppressionPage},
    suppression::Suppression,
    tenant::Tenant,
};

fn address(text: &str) -> EmailAddress {
    text.parse().expect("an address")
}

fn suppression(text: &str) -> Suppression {
    Suppression {
        address: address(text),
        since: dawn(),
        error: format!("no mailbox {text}"),
    }
}

async fn suppress(store: &Store, owner: Tenant, entry: &Suppression) {
    let suppressed = store.suppress(owner, entry).await;
    suppressed.expect("an answer");
}

async fn found(store: &Store, owner: Tenant, text: &str) -> Option<Suppression> {
    let found = store.suppression(owner, &address(text)).await;
    found.expect("an answer")
}

async fn list(store: &Store, after: Option<String>, limit: usize) -> SuppressionPage {
    let page = store.suppressions(tenant(1), after, limit).await;
    page.expect("an answer")
}

#[tokio::test]
async fn a_mailbox_is_suppressed_however_it_is_written_and_for_its_tenant_alone() {
    let store = store().await;
    let entry = suppression("Ada@Example.com");
    suppress(&store, tenant(1), &entry).await;
    for text in ["Ada@Example.com", "ada@example.com", "ADA@EXAMPLE.COM"] {
        assert_eq!(
            found(&store, tenant(1), text).await,
            Some(entry.clone()),
            "{text}"
        );
        for owner in [tenant(2), in_test_mode(tenant(1))] {
            assert_eq!(found(&store, owner, text).await, None, "{text}");
        }
    }
    for text in ["ada@example.co", "bada@example.com", "ada+x@example.com"] {
        assert_eq!(found(&store, tenant(1), text).await, None, "{text}");
    }
}

#[tokio::test]
async fn an_entry_that_stands_there_stays_as_it_is() {
    let store = store().await;
    let first = suppression("ada@example.com");
    suppress(&store, tenant(1), &first).await;
    let later = Suppression {
        since: dawn() + seconds(60),
        ..suppression("ADA@example.com")
    };
    suppress(&store, tenant(1), &later).await;
    assert_eq!(
        found(&store, tenant(1), "ada@example.com").await,
        Some(first.clone())
    );
    assert_eq!(list(&store, None, 10).await.suppressions, [first]);
}

#[tokio::test]
async fn an_entry_is_lifted_once_by_its_own_tenant() {
    let store = store().await;
    suppress(&store, tenant(1), &suppression("ada@example.com")).await;
    for (owner, was_there) in [
        (tenant(2), false),
        (in_test_mode(tenant(1)), false),
        (tenant(1), true),
        (tenant(1), false),
    ] {
        let lifted = store
            .lift_suppression(owner, &address("Ada@example.com"))
            .await;
        assert_eq!(lifted.expect("an answer"), was_there, "{owner}");
    }
    assert_eq!(found(&store, tenant(1), "ada@example.com").await, None);
    let again = suppression("Ada@example.com");
    suppress(&store, tenant(1), &again).await;
    assert_eq!(
        found(&store, tenant(1), "ada@example.com").await,
        Some(again)
    );
}

#[tokio::test]
async fn a_list_is_read_page_by_page_in_the_order_of_its_letters() {
    let store = store().await;
    for n in (0..7).rev() {
        let letter = if n % 2 == 0 { "a" } else { "A" };
        suppress(
            &store,
            tenant(1),
            &suppression(&format!("{letter}{n}@example.com")),
        )
        .await;
    }
    suppress(&store, tenant(2), &suppression("a0@example.com")).await;
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = list(&store, after, 3).await;
        assert!(page.suppressions.len() <= 3);
        listed.extend(
            page.suppressions
                .into_iter()
                .map(|entry| entry.address.to_string()),
        );
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let expected = ["a0", "A1", "a2", "A3", "a4", "A5", "a6"];
    assert_eq!(listed, expected.map(|local| format!("{local}@example.com")));
}
