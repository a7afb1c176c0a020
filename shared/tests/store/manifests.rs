//! Manifests: the first one stands, and leads to its deliveries.

use crate::sample::{
    at, dawn, event_ref, event_type, policy_id, recipient_id, reference, seconds, store, tenant,
};
use futures::{StreamExt, future::join_all, stream};
use herald::{
    event::EventRef,
    message::FanOutPosition,
    store::{Manifest, ManifestEntry, Store},
    trace_id::TraceId,
};

/// A part of an event's fan-out, to two recipients of one policy.
pub(crate) fn manifest(event: EventRef, chunk: u32, policy: u128) -> Manifest {
    Manifest {
        owner: event.tenant,
        event,
        event_type: event_type("INVOICE_ISSUED"),
        chunk,
        entries: vec![ManifestEntry {
            policy: policy_id(policy),
            recipients: vec![recipient_id(1), recipient_id(2)],
        }],
        resume: FanOutPosition {
            chunk: chunk + 1,
            key: 1,
            after: Some("a place".to_owned()),
        },
    }
}

pub(crate) async fn keep(store: &Store, manifest: &Manifest) -> Manifest {
    let stood = store.keep_manifest(manifest.clone(), dawn()).await;
    stood.expect("an answer")
}

#[tokio::test]
async fn the_first_manifest_of_a_part_stands() {
    let store = store().await;
    let event = event_ref(tenant(1), "a", dawn());
    let first = manifest(event.clone(), 0, 1);
    let second = manifest(event.clone(), 0, 2);
    for given in [&first, &first, &second] {
        assert_eq!(keep(&store, given).await, first);
    }
    let parts = store.event_manifests(tenant(1), &event, 0, 10).await;
    assert_eq!(parts.expect("an answer"), [first]);
}

#[tokio::test]
async fn of_many_manifests_at_the_same_moment_all_get_the_one_that_stands() {
    let store = store().await;
    let event = event_ref(tenant(1), "e", dawn());
    let runs: Vec<_> = (1..=10)
        .map(|policy| manifest(event.clone(), 0, policy))
        .collect();
    let stood = join_all(runs.iter().map(|run| keep(&store, run))).await;
    let parts = store.event_manifests(tenant(1), &event, 0, 10).await;
    let parts = parts.expect("an answer");
    assert_eq!(parts.len(), 1);
    assert!(stood.iter().all(|stood| *stood == parts[0]), "{stood:?}");
}

#[tokio::test]
async fn the_parts_of_an_event_are_read_from_one_on_and_so_many() {
    let store = store().await;
    let event = event_ref(tenant(1), "e", dawn());
    for chunk in [2, 0, 10, 1, 3] {
        keep(&store, &manifest(event.clone(), chunk, 1)).await;
    }
    // Neighbours in the table that are parts of other events.
    for (owner, id, accepted_at) in [
        (tenant(1), "e.1", dawn()),
        (tenant(1), "e-1", dawn()),
        (tenant(1), "d", dawn()),
        (tenant(1), "f", dawn() + seconds(1)),
        (tenant(2), "e", dawn()),
    ] {
        keep(&store, &manifest(event_ref(owner, id, accepted_at), 4, 1)).await;
    }
    for (from, limit, chunks) in [
        (0, 100, vec![0, 1, 2, 3, 10]),
        (0, 2, vec![0, 1]),
        (2, 2, vec![2, 3]),
        (4, 2, vec![10]),
        (11, 2, vec![]),
    ] {
        let parts = store.event_manifests(tenant(1), &event, from, limit).await;
        let parts = parts.expect("an answer");
        let read: Vec<_> = parts.iter().map(|part| part.chunk).collect();
        assert_eq!(read, chunks, "from {from}, at most {limit}");
        assert!(parts.iter().all(|part| part.event == event));
    }
}

#[tokio::test]
async fn a_delivery_is_found_by_its_id() {
    let store = store().await;
    let event = event_ref(tenant(1), "e", dawn());
    keep(&store, &manifest(event.clone(), 0, 1)).await;
    let last = manifest(event, 1, 2);
    keep(&store, &last).await;
    for reference in last.deliveries() {
        let found = store.find_delivery(tenant(1), reference.id()).await;
        let expected = (reference, event_type("INVOICE_ISSUED"));
        assert_eq!(found.expect("an answer"), Some(expected.clone()));
        let traced = store
            .find_traced(tenant(1), TraceId::of(&expected.0.id(), 3))
            .await;
        assert_eq!(traced.expect("an answer"), Some(expected));
    }
}

#[tokio::test]
async fn a_delivery_is_found_among_many_of_the_same_millisecond() {
    let store = store().await;
    let manifests = (0..130).map(|n| {
        let event = event_ref(tenant(1), &format!("e{n:03}"), dawn());
        manifest(event, 0, 1)
    });
    let manifests: Vec<_> = manifests.collect();
    stream::iter(&manifests)
        .for_each_concurrent(8, async |manifest| {
            keep(&store, manifest).await;
        })
        .await;
    for manifest in [&manifests[0], &manifests[99], &manifests[129]] {
        let reference = manifest.deliveries().last().expect("a reference");
        let found = store.find_delivery(tenant(1), reference.id()).await;
        let (found, _) = found.expect("an answer").expect("a reference");
        assert_eq!(found, reference);
    }
}

#[tokio::test]
async fn a_delivery_that_no_manifest_of_the_owner_names_is_not_found() {
    let store = store().await;
    let event = event_ref(tenant(1), "e", dawn());
    let kept = manifest(event.clone(), 0, 1);
    keep(&store, &kept).await;
    let ours = kept.deliveries().next().expect("a reference").id();
    let another_policy = reference(event, 2).id();
    let another_moment = reference(event_ref(tenant(1), "e", dawn() + seconds(1)), 1).id();
    let another_age = reference(event_ref(tenant(1), "e", at("1999-12-31T23:59:59Z")), 1).id();
    for (owner, id) in [
        (tenant(2), ours),
        (tenant(1), another_policy),
        (tenant(1), another_moment),
        (tenant(1), another_age),
    ] {
        let found = store.find_delivery(owner, id).await;
        assert_eq!(found.expect("an answer"), None, "{owner} {id}");
    }
}
