//! An owner's manifests are listed the newest first, across days.

use crate::{
    manifests::{keep, manifest},
    sample::{at, event_ref, store, tenant},
};
use herald::store::{Manifest, ManifestPosition, Period, Store};

/// When the events of these tests were accepted: several on some days, none on others.
const MOMENTS: [&str; 6] = [
    "2025-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T12:00:00Z",
    "2026-01-04T00:00:00Z",
    "2026-01-04T23:59:59.999Z",
    "2026-01-05T10:00:00Z",
];

fn period(since: &str, until: &str) -> Period {
    Period {
        since: at(since),
        until: at(until),
    }
}

fn whole() -> Period {
    period("2025-12-01T18:00:00Z", "2026-02-01T06:00:00Z")
}

async fn with_manifests() -> Store {
    let store = store().await;
    for moment in MOMENTS {
        for chunk in 0..2 {
            let event = event_ref(tenant(1), "e", at(moment));
            keep(&store, &manifest(event, chunk, 1)).await;
        }
    }
    store
}

fn place(manifest: &Manifest) -> (String, u32) {
    (manifest.event.accepted_at.to_string(), manifest.chunk)
}

/// Every manifest of a period, read in pages, and the position of each.
async fn read(
    store: &Store,
    period: &Period,
    mut start: Option<ManifestPosition>,
    limit: usize,
) -> Vec<(ManifestPosition, (String, u32))> {
    let mut read = Vec::new();
    loop {
        let page = store.list_manifests(tenant(1), period, start, limit).await;
        let page = page.expect("an answer");
        assert!(page.manifests.len() <= limit);
        let listed = page.manifests.iter();
        read.extend(listed.map(|manifest| (ManifestPosition::at(manifest), place(manifest))));
        start = page.next;
        if start.is_none() {
            return read;
        }
    }
}

fn places(read: Vec<(ManifestPosition, (String, u32))>) -> Vec<(String, u32)> {
    read.into_iter().map(|(_, place)| place).collect()
}

/// The places of the manifests of these moments, the newest first.
fn newest_first(moments: &[&str]) -> Vec<(String, u32)> {
    let chunks = |moment: &&str| [1, 0].map(|chunk| (at(moment).to_string(), chunk));
    moments.iter().rev().flat_map(chunks).collect()
}

#[tokio::test]
async fn manifests_are_listed_the_newest_first_in_pages_of_any_size() {
    let store = with_manifests().await;
    for limit in [1, 2, 3, 5, 12, 13, 100] {
        let listed = places(read(&store, &whole(), None, limit).await);
        assert_eq!(listed, newest_first(&MOMENTS), "{limit} at a time");
    }
}

#[tokio::test]
async fn a_listing_goes_on_at_any_manifest_whatever_came_since() {
    let store = with_manifests().await;
    let all = read(&store, &whole(), None, 100).await;
    let late = event_ref(tenant(1), "late", at("2026-01-06T00:00:00Z"));
    keep(&store, &manifest(late, 0, 1)).await;
    for (index, (position, place)) in all.iter().enumerate() {
        for limit in [1, 5, 100] {
            let rest = read(&store, &whole(), Some(position.clone()), limit).await;
            assert_eq!(rest, all[index..], "at {place:?}");
        }
    }
}

#[tokio::test]
async fn a_position_outside_the_period_leads_to_its_end_or_its_start() {
    let store = with_manifests().await;
    let at_moment = |moment| {
        let event = event_ref(tenant(1), "e", at(moment));
        Some(ManifestPosition::at(&manifest(event, 0, 1)))
    };
    let later = at_moment("9999-01-01T00:00:00Z");
    assert_eq!(
        places(read(&store, &whole(), later, 100).await),
        newest_first(&MOMENTS)
    );
    let earlier = at_moment("2025-12-01T00:00:00Z");
    assert!(read(&store, &whole(), earlier, 100).await.is_empty());
}

#[tokio::test]
async fn a_position_is_the_same_after_a_way_through_a_cursor() {
    let store = with_manifests().await;
    let all = read(&store, &whole(), None, 100).await;
    let (after, _) = &all[3];
    let cursor = herald::page_cursor::encode(after);
    let decoded: ManifestPosition = herald::page_cursor::decode(&cursor).expect("a cursor");
    assert_eq!(&decoded, after);
}

#[tokio::test]
async fn a_period_has_its_first_instant_and_lacks_its_last() {
    let store = with_manifests().await;
    for (since, until, listed) in [
        (MOMENTS[0], MOMENTS[5], 0..5),
        (MOMENTS[1], "2026-01-05T10:00:00.001Z", 1..6),
        (MOMENTS[1], MOMENTS[2], 1..2),
        ("2026-01-01T00:00:00.001Z", "2026-01-04T23:59:59Z", 2..4),
        ("2026-01-02T00:00:00Z", "2026-01-03T23:59:59Z", 0..0),
        (MOMENTS[3], MOMENTS[3], 0..0),
        (MOMENTS[5], MOMENTS[0], 0..0),
    ] {
        for limit in [2, 100] {
            let read = places(read(&store, &period(since, until), None, limit).await);
            let expected = newest_first(&MOMENTS[listed.clone()]);
            assert_eq!(read, expected, "from {since} to {until}");
        }
    }
}

#[tokio::test]
async fn only_the_owners_manifests_are_listed() {
    let store = with_manifests().await;
    let page = store.list_manifests(tenant(2), &whole(), None, 100).await;
    let page = page.expect("an answer");
    assert!(page.manifests.is_empty() && page.next.is_none());
}
