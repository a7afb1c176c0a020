//! The types that the operator added, beside those that are built in.

use crate::sample::{engine, event_type, store};
use herald::{
    catalogue::CatalogueEntry,
    dialect::Dialect,
    fields::Fields,
    invalid::FieldErrors,
    settings,
    store::{KnownReport, Store},
};
use herald_local::{engine::Engine, world::wire::Wire};
use std::sync::Arc;

/// A type that somebody adds.
pub(crate) fn entry(name: &str) -> CatalogueEntry {
    CatalogueEntry {
        name: event_type(name),
        dialects: vec![Dialect::Herald, Dialect::Sequence],
        product: Some("billing".parse().expect("a product")),
        description: "Something has happened".parse().expect("a description"),
        example: Some(r#"{"b":1.50,"a":1e400,"b":"\u00e4"}"#.parse().expect("an object")),
        built_in: false,
    }
}

pub(crate) async fn keep(store: &Store, entry: &CatalogueEntry) {
    let kept = store.keep_event_type(entry).await;
    kept.expect("an answer");
}

async fn found(store: &Store, name: &str) -> Option<CatalogueEntry> {
    let found = store.event_type(&event_type(name)).await;
    found.expect("an answer")
}

#[tokio::test]
async fn an_added_type_is_found_as_it_was_and_replaced_as_a_whole() {
    let store = store().await;
    assert_eq!(found(&store, "order.shipped").await, None);
    let first = entry("order.shipped");
    keep(&store, &first).await;
    assert_eq!(
        found(&store, "order.shipped").await,
        Some(first),
        "letter for letter"
    );
    let second = CatalogueEntry {
        dialects: vec![Dialect::Herald],
        product: None,
        example: None,
        ..entry("order.shipped")
    };
    keep(&store, &second).await;
    assert_eq!(found(&store, "order.shipped").await, Some(second));
}

#[tokio::test]
async fn a_removed_type_is_gone_and_a_built_in_one_cannot_be() {
    let store = store().await;
    keep(&store, &entry("order.shipped")).await;
    for (name, was_there) in [
        ("order.shipped", true),
        ("order.shipped", false),
        ("INVOICE_ISSUED", false),
    ] {
        let removed = store.remove_event_type(&event_type(name)).await;
        assert_eq!(removed.expect("an answer"), was_there, "{name}");
    }
    assert_eq!(found(&store, "order.shipped").await, None);
    assert!(
        found(&store, "INVOICE_ISSUED")
            .await
            .is_some_and(|entry| entry.built_in)
    );
}

#[tokio::test]
async fn the_catalogue_has_every_type_and_a_row_hides_none_that_is_built_in() {
    let store = store().await;
    let built_in = store.catalogue().await.expect("an answer");
    let built_in = built_in.entries().count();
    let mut forged = entry("INVOICE_ISSUED");
    forged.dialects = vec![Dialect::Herald];
    for added in [&entry("order.shipped"), &entry("order.lost"), &forged] {
        keep(&store, added).await;
    }
    let catalogue = store.catalogue().await.expect("an answer");
    assert_eq!(catalogue.entries().count(), built_in + 2);
    let issued = catalogue
        .find(&event_type("INVOICE_ISSUED"))
        .expect("known");
    assert!(issued.built_in && issued.is_known_to(Dialect::Sequence));
    assert_eq!(found(&store, "INVOICE_ISSUED").await.as_ref(), Some(issued));
    let names: Vec<_> = catalogue.entries().map(|entry| &entry.name).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[tokio::test]
async fn the_table_is_asked_only_for_what_is_not_built_in() {
    let engine = engine().await;
    let wire = Arc::new(Wire::default());
    let store = Engine::store_through(&wire.client(&engine), settings::DEFAULT_RETENTION);
    let (built_in, added) = (event_type("INVOICE_ISSUED"), event_type("order.shipped"));
    keep(&store, &entry("order.shipped")).await;
    wire.forget();
    assert!(found(&store, "INVOICE_ISSUED").await.is_some());
    for names in [&[][..], std::slice::from_ref(&built_in)] {
        let catalogue = store.catalogue_for(names).await.expect("an answer");
        assert!(catalogue.find(&built_in).is_some());
    }
    assert!(wire.passed().is_empty(), "{:?}", wire.passed());
    let catalogue = store.catalogue_for(&[built_in, added.clone()]).await;
    assert!(catalogue.expect("an answer").find(&added).is_some());
    assert_eq!(
        wire.passed().into_iter().collect::<Vec<_>>(),
        [("Query".to_owned(), 1)]
    );
}

#[tokio::test]
async fn a_report_of_an_added_type_is_read_with_its_dialects_and_of_no_other() {
    let store = store().await;
    let mut herald_only = entry("order.shipped");
    herald_only.dialects = vec![Dialect::Herald];
    keep(&store, &herald_only).await;
    for (name, dialects) in [
        ("order.shipped", Some(vec![Dialect::Herald])),
        (
            "INVOICE_ISSUED",
            found(&store, "INVOICE_ISSUED")
                .await
                .map(|entry| entry.dialects),
        ),
        ("order.shiped", None),
    ] {
        let body = format!(r#"{{"type":"{name}"}}"#);
        let fields = Fields::parse(body.as_bytes()).expect("an object");
        let mut errors = FieldErrors::default();
        let read = store.read_report(&fields, &mut errors).await;
        let read = read.expect("an answer");
        assert_eq!(
            read.map(|KnownReport { dialects, .. }| dialects),
            dialects,
            "{name}"
        );
        let told = errors.finish(dialects.clone());
        let told = told.err().map(|errors| errors[0].rule.to_string());
        let is_meant = told
            .as_ref()
            .map(|told| told.starts_with("must be a known event type"));
        assert_eq!(
            is_meant,
            dialects.is_none().then_some(true),
            "{name}: {told:?}"
        );
    }
}
