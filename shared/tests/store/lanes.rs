//! Lanes: one lease at a time, cursors that only its holder moves, and a backlog that is not
//! forgotten while something comes.

use crate::sample::{
    attempt, dawn, delivery, policy_id, recipient_id, seconds, store, tenant, waiting,
};
use herald::{
    lane::{BatchEnd, Lane, LaneRef},
    place::Place,
    store::{Backlog, Claim, Cursor, Parking, Recorded, Release, Store},
};
use jiff::SignedDuration;

const LEASE: SignedDuration = SignedDuration::from_secs(50);

fn lane() -> LaneRef {
    LaneRef {
        owner: tenant(1),
        policy: policy_id(1),
        recipient: recipient_id(1),
    }
}

async fn claim(store: &Store, at: i64) -> Claim {
    let claimed = store
        .claim_lane(&lane(), dawn() + seconds(at), LEASE, false)
        .await;
    claimed.expect("the store answers")
}

async fn started(store: &Store, at: i64) -> Lane {
    match claim(store, at).await {
        Claim::Started(lane) => *lane,
        other => panic!("{other:?}"),
    }
}

async fn parked(store: &Store, lane: &Lane, parking: Parking) -> Recorded {
    let parked = store.park_lane(lane, parking, dawn()).await;
    parked.expect("the store answers")
}

fn place(at: i64) -> Place {
    Place::at(dawn() + seconds(at))
}

fn end(at: i64) -> BatchEnd {
    BatchEnd {
        account: tenant(1).account,
        to: place(at),
    }
}

#[tokio::test]
async fn a_lane_has_one_lease_at_a_time() {
    let store = store().await;
    let first = started(&store, 0).await;
    assert_eq!(claim(&store, 49).await, Claim::Busy);
    let second = started(&store, 50).await;
    assert!(second.fence > first.fence);
    assert_eq!(
        store.release_lane(&first).await.expect("answers"),
        Release::Lost
    );
    // The second was marked before it was taken; nobody came since.
    assert_eq!(
        store.release_lane(&second).await.expect("answers"),
        Release::Done
    );
    assert!(started(&store, 51).await.fence > second.fence);
}

#[tokio::test]
async fn a_lane_that_waits_is_leased_to_nobody_and_one_that_is_only_looked_at_to_everybody() {
    let store = store().await;
    let due = dawn() + seconds(100);
    let held = started(&store, 0).await;
    assert_eq!(
        parked(&store, &held, Parking::Until(due)).await,
        Recorded::Done
    );
    assert_eq!(claim(&store, 99).await, Claim::Waiting(due));
    let held = started(&store, 100).await;
    let looked_at = store.look_later(&held, due + seconds(3_600)).await;
    assert_eq!(looked_at.expect("answers"), Release::Done);
    let held = started(&store, 101).await;
    assert_eq!(held.due, None);
}

#[tokio::test]
async fn the_timer_finds_what_waits_and_what_somebody_never_let_go() {
    let store = store().await;
    let due = async |at: i64| {
        let mut found = Vec::new();
        for shard in 0..herald::store::DUE_SHARDS {
            let page = store.due_lanes(shard, dawn() + seconds(at), None, 10).await;
            found.extend(page.expect("the store answers").due);
        }
        found
    };
    let held = started(&store, 0).await;
    assert_eq!(due(59).await.len(), 0);
    let found = due(60).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].lane, lane());
    store
        .postpone_lane(&found[0], dawn() + seconds(60))
        .await
        .expect("answers");
    assert_eq!(due(60).await.len(), 0);
    let later = Parking::Until(dawn() + seconds(3_600));
    assert_eq!(parked(&store, &held, later).await, Recorded::Done);
    assert_eq!(due(3_600).await.len(), 1, "a wait that no queue can hold");
    let held = started(&store, 3_600).await;
    assert_eq!(
        store.release_lane(&held).await.expect("answers"),
        Release::Done
    );
    assert_eq!(due(1_000_000).await.len(), 0);
}

#[tokio::test]
async fn a_refused_batch_stands_in_the_lane_until_it_is_passed() {
    let store = store().await;
    let held = started(&store, 0).await;
    let refused = attempt(1, 503);
    let first = delivery("e", 0, waiting(dawn())).reference;
    let noted = store
        .note_failure(&held, (&refused, &first), &[end(3)])
        .await;
    assert_eq!(noted.expect("answers"), Recorded::Done);
    assert_eq!(
        parked(&store, &held, Parking::Until(dawn())).await,
        Recorded::Done
    );
    let held = started(&store, 1).await;
    assert_eq!((held.failures, &held.batch[..]), (1, &[end(3)][..]));
    assert_eq!(held.last_failure, Some(refused.clone()));
    let made = store.failed_attempts(&first).await;
    assert_eq!(made.expect("answers"), [refused]);
    assert_eq!(
        store.pass(&held, &[end(3)]).await.expect("answers"),
        Recorded::Done
    );
    let known = store.lane(&lane()).await.expect("answers").expect("a lane");
    assert_eq!(
        (known.failures, known.batch, known.last_failure),
        (0, vec![], None)
    );
    let cursors = store
        .cursors(&lane(), [tenant(1).account, tenant(2).account])
        .await;
    let cursors = cursors.expect("answers");
    assert_eq!(cursors.get(&tenant(1).account), Some(&Cursor::at(place(3))));
    assert_eq!(cursors.len(), 1);
}

#[tokio::test]
async fn a_backlog_is_forgotten_only_where_nothing_came_behind_what_was_read() {
    let store = store().await;
    let account = tenant(1).account;
    for at in [2, 5, 3] {
        store
            .note_backlog(&lane(), account, place(at))
            .await
            .expect("answers");
    }
    let latest = place(5);
    let known = async || store.backlog(&lane(), None, 10).await.expect("answers");
    assert_eq!(known().await, [Backlog { account, latest }]);
    store
        .clear_backlog(&lane(), account, place(4))
        .await
        .expect("answers");
    assert_eq!(known().await.len(), 1);
    store
        .clear_backlog(&lane(), account, place(5))
        .await
        .expect("answers");
    assert_eq!(known().await, []);
}

#[tokio::test]
async fn nothing_is_left_of_a_lane_that_is_removed() {
    let store = store().await;
    let held = started(&store, 0).await;
    assert_eq!(
        store.pass(&held, &[end(1)]).await.expect("answers"),
        Recorded::Done
    );
    store
        .note_backlog(&lane(), tenant(1).account, place(2))
        .await
        .expect("answers");
    store.remove_lane(&lane()).await.expect("answers");
    assert_eq!(store.lane(&lane()).await.expect("answers"), None);
    assert_eq!(store.backlog(&lane(), None, 10).await.expect("answers"), []);
    let cursors = store.cursors(&lane(), [tenant(1).account]).await;
    assert!(cursors.expect("answers").is_empty());
}

#[tokio::test]
async fn a_lane_that_is_woken_while_nobody_is_to_be_told_is_looked_at_again() {
    let store = store().await;
    let held = started(&store, 0).await;
    // Its recipient was just revived.
    assert_eq!(claim(&store, 1).await, Claim::Busy);
    let later = dawn() + seconds(3_600);
    let released = store.look_later(&held, later).await.expect("answers");
    let Release::Woken(held) = released else {
        panic!("{released:?}");
    };
    let released = store.look_later(&held, later).await.expect("answers");
    assert_eq!(released, Release::Done);
}

#[tokio::test]
async fn who_asks_for_an_attempt_at_once_is_heard_while_another_is_made() {
    let store = store().await;
    let due = Parking::Until(dawn() + seconds(900));
    for at_once in [false, true] {
        let held = started(&store, 0).await;
        let now = dawn() + seconds(1);
        let met = store.claim_lane(&lane(), now, LEASE, at_once).await;
        assert_eq!(met.expect("answers"), Claim::Busy);
        if at_once {
            assert_eq!(parked(&store, &held, due).await, Recorded::Stale);
            let held = store.held(&held).await.expect("answers").expect("a lane");
            assert_eq!(parked(&store, &held, Parking::AtOnce).await, Recorded::Done);
            // Whoever is woken goes on, with a clock that is late, too.
            let held = started(&store, -1).await;
            assert_eq!(parked(&store, &held, Parking::AtOnce).await, Recorded::Done);
        } else {
            assert_eq!(parked(&store, &held, due).await, Recorded::Done);
            // Nobody waits any more.
            let held = store.claim_lane(&lane(), now, LEASE, true).await;
            let Claim::Started(held) = held.expect("answers") else {
                panic!("it is free");
            };
            let released = store.look_later(&held, now).await.expect("answers");
            assert_eq!(released, Release::Done);
        }
    }
}
