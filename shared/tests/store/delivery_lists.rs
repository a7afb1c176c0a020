//! The recorded deliveries of a policy are listed by their events' time, across days.

use crate::sample::{
    at, dawn, delivery_on, event_ref, policy_id, recipient_id, reference, store, tenant, waiting,
};
use herald::{
    delivery::Delivery,
    delivery_id::DeliveryId,
    store::{DeliveryPosition, DeliveryQuery, ListOrder, Period, Recorded, Store},
};

/// When the events of these tests were accepted: several on some days, none on others.
const MOMENTS: [&str; 5] = [
    "2025-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00Z",
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
    period("2025-12-01T18:00:00Z", "2026-01-10T06:00:00Z")
}

/// Deliveries to two recipients of policy 1 for an event of each moment; returns their ids, the
/// newest first. Another policy and another owner have deliveries of their own.
async fn with_deliveries() -> (Store, Vec<DeliveryId>) {
    let store = store().await;
    let mut ids = Vec::new();
    for moment in MOMENTS {
        for (owner, policy, recipient) in [(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1)] {
            let event = event_ref(tenant(owner), "e", at(moment));
            let mut reference = reference(event, policy);
            reference.recipient = recipient_id(recipient);
            let delivery = delivery_on(reference, 0, waiting(dawn()));
            let started = store.start_delivery(&delivery, dawn()).await;
            assert_eq!(started.expect("an answer"), Recorded::Done);
            if (owner, policy) == (1, 1) {
                ids.push(delivery.id());
            }
        }
    }
    ids.sort_unstable();
    ids.reverse();
    (store, ids)
}

/// Every delivery of policy 1 in a period, the newest event first, read in pages.
async fn read(
    store: &Store,
    period: &Period,
    start: Option<DeliveryPosition>,
    limit: usize,
) -> Vec<DeliveryId> {
    let wanted = DeliveryQuery {
        of: (tenant(1), policy_id(1)),
        period: *period,
        order: ListOrder::Newest,
        start,
        limit,
    };
    read_pages(store, wanted).await
}

async fn read_pages(store: &Store, mut wanted: DeliveryQuery) -> Vec<DeliveryId> {
    let of_policy = wanted.of;
    let mut ids = Vec::new();
    loop {
        let page = store.policy_deliveries(&wanted).await;
        let page = page.expect("an answer");
        assert!(page.deliveries.len() <= wanted.limit);
        let ours = |one: &Delivery| (one.reference.owner, one.reference.policy) == of_policy;
        assert!(page.deliveries.iter().all(ours));
        ids.extend(page.deliveries.iter().map(Delivery::id));
        wanted.start = page.next;
        if wanted.start.is_none() {
            return ids;
        }
    }
}

#[tokio::test]
async fn deliveries_are_listed_the_newest_first_in_pages_of_any_size() {
    let (store, ids) = with_deliveries().await;
    for limit in [1, 2, 3, 10, 100] {
        let listed = read(&store, &whole(), None, limit).await;
        assert_eq!(listed, ids, "{limit} at a time");
    }
}

#[tokio::test]
async fn the_oldest_first_is_the_same_the_other_way_round() {
    let (store, ids) = with_deliveries().await;
    let periods = [
        whole(),
        period(MOMENTS[1], MOMENTS[4]),
        period(MOMENTS[3], MOMENTS[3]),
    ];
    for (period, limit) in periods
        .into_iter()
        .flat_map(|period| [(period, 1), (period, 3)])
    {
        let mut newest = read(&store, &period, None, limit).await;
        newest.reverse();
        let wanted = DeliveryQuery {
            of: (tenant(1), policy_id(1)),
            period,
            order: ListOrder::Oldest,
            start: None,
            limit,
        };
        assert_eq!(read_pages(&store, wanted).await, newest, "{period:?}");
        for (index, id) in newest.iter().enumerate() {
            let start = Some(DeliveryPosition::after(*id));
            let rest = read_pages(&store, DeliveryQuery { start, ..wanted }).await;
            assert_eq!(rest, newest[index + 1..], "after {id}");
        }
    }
    assert_eq!(read(&store, &whole(), None, 3).await, ids);
}

#[tokio::test]
async fn a_listing_goes_on_after_any_delivery() {
    let (store, ids) = with_deliveries().await;
    for (index, id) in ids.iter().enumerate() {
        let cursor = herald::page_cursor::encode(&DeliveryPosition::after(*id));
        let after = herald::page_cursor::decode(&cursor).expect("a position");
        let rest = read(&store, &whole(), Some(after), 3).await;
        assert_eq!(rest, ids[index + 1..], "after {id}");
    }
}

#[tokio::test]
async fn a_position_outside_the_period_leads_to_nothing_outside_it() {
    let (store, ids) = with_deliveries().await;
    let period = period(MOMENTS[1], MOMENTS[4]);
    let later = DeliveryPosition::after(ids[0]);
    assert_eq!(read(&store, &period, Some(later), 3).await, ids[2..8]);
    let earlier = DeliveryPosition::after(ids[9]);
    assert_eq!(read(&store, &period, Some(earlier), 3).await, []);
}

#[tokio::test]
async fn a_period_has_its_first_instant_and_lacks_its_last() {
    let (store, ids) = with_deliveries().await;
    for (since, until, listed) in [
        (MOMENTS[0], MOMENTS[4], 2..10),
        (MOMENTS[1], "2026-01-05T10:00:00.001Z", 0..8),
        (MOMENTS[2], MOMENTS[3], 4..6),
        ("2026-01-04T00:00:00.001Z", "2026-01-05T00:00:00Z", 2..4),
        ("2026-01-02T00:00:00Z", "2026-01-03T23:59:59Z", 0..0),
        (MOMENTS[3], MOMENTS[3], 0..0),
        (MOMENTS[4], MOMENTS[0], 0..0),
    ] {
        for limit in [1, 100] {
            let read = read(&store, &period(since, until), None, limit).await;
            assert_eq!(read, ids[listed.clone()], "from {since} to {until}");
        }
    }
}
