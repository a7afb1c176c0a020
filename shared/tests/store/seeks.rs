//! A lane goes to another place in the logs: back, forward again, and never beyond what was told.

use crate::sample::{dawn, policy_id, recipient_id, seconds, store, tenant};
use herald::{
    lane::{BatchEnd, Lane, LaneRef},
    place::Place,
    store::{Claim, Recorded, Release, Store},
};
use proptest::{prelude::*, test_runner::TestCaseError};
use tokio::runtime::Builder;

fn lane() -> LaneRef {
    LaneRef {
        owner: tenant(1),
        policy: policy_id(1),
        recipient: recipient_id(1),
    }
}

async fn started(store: &Store, at: i64) -> Lane {
    let lease = seconds(50);
    let claimed = store
        .claim_lane(&lane(), dawn() + seconds(at), lease, true)
        .await;
    match claimed.expect("the store answers") {
        Claim::Started(lane) => *lane,
        other => panic!("{other:?}"),
    }
}

fn place(at: i64) -> Place {
    Place::at(dawn() + seconds(at))
}

async fn pass(store: &Store, held: &Lane, account: u128, to: Place) -> Recorded {
    let account = tenant(account).account;
    let passed = store.pass(held, &[BatchEnd { account, to }]).await;
    passed.expect("the store answers")
}

/// Where the cursor of an account stands.
async fn cursor(store: &Store, account: u128) -> Option<Place> {
    let account = tenant(account).account;
    let cursors = store.cursors(&lane(), [account]).await;
    let cursor = cursors.expect("the store answers").remove(&account);
    cursor.map(|cursor| cursor.place)
}

/// Asks for a place, and goes there.
async fn seek(store: &Store, held: &Lane, to: Place) -> Recorded {
    let asked = store.ask_to_seek(&lane(), to).await;
    assert!(asked.expect("the store answers"));
    store.seek(held, to).await.expect("the store answers")
}

#[tokio::test]
async fn cursors_go_back_and_what_is_told_again_is_a_backlog() {
    let store = store().await;
    let held = started(&store, 0).await;
    assert_eq!(pass(&store, &held, 1, place(10)).await, Recorded::Done);
    assert_eq!(pass(&store, &held, 2, place(3)).await, Recorded::Done);
    assert_eq!(seek(&store, &held, place(5)).await, Recorded::Done);
    assert_eq!(cursor(&store, 1).await, Some(place(5)));
    assert_eq!(
        cursor(&store, 2).await,
        Some(place(3)),
        "it was not there yet"
    );
    let behind = store.backlog(&lane(), None, 10).await.expect("answers");
    let behind: Vec<_> = behind.iter().map(|log| (log.account, log.latest)).collect();
    assert_eq!(behind, [(tenant(1).account, place(10))]);
    let known = store.lane(&lane()).await.expect("answers").expect("a lane");
    assert_eq!((known.seek, known.told_to), (None, Some(place(10))));
}

#[tokio::test]
async fn who_lost_the_lease_moves_nothing_and_the_wish_stands() {
    let store = store().await;
    let held = started(&store, 0).await;
    assert_eq!(pass(&store, &held, 1, place(10)).await, Recorded::Done);
    let next = started(&store, 60).await;
    assert_eq!(seek(&store, &held, place(5)).await, Recorded::Stale);
    assert_eq!(cursor(&store, 1).await, Some(place(10)));
    let known = store.held(&next).await.expect("answers").expect("a lane");
    assert_eq!(known.seek, Some(place(5)));
}

#[tokio::test]
async fn a_wish_for_another_place_is_not_forgotten_by_who_went_to_the_first() {
    let store = store().await;
    let held = started(&store, 0).await;
    assert_eq!(pass(&store, &held, 1, place(10)).await, Recorded::Done);
    for to in [5, 7] {
        let asked = store.ask_to_seek(&lane(), place(to)).await;
        assert!(asked.expect("answers"));
    }
    let moved = store.seek(&held, place(5)).await.expect("answers");
    assert_eq!(moved, Recorded::Stale);
    let known = store.held(&held).await.expect("answers").expect("a lane");
    assert_eq!(known.seek, Some(place(7)));
}

#[tokio::test]
async fn a_lane_that_was_never_woken_has_nothing_to_go_back_in() {
    let store = store().await;
    let asked = store.ask_to_seek(&lane(), place(5)).await;
    assert!(!asked.expect("answers"));
    let held = started(&store, 0).await;
    let released = store.release_lane(&held).await.expect("answers");
    assert_eq!(released, Release::Done);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Tells what follows, so many places.
    Tell(i64),
    /// Goes to a place.
    Seek(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1_i64..5).prop_map(Step::Tell),
        (0_i64..40).prop_map(Step::Seek),
    ];
    prop::collection::vec(step, 1..15)
}

/// Takes steps, and compares each with what is meant.
async fn takes(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let store = store().await;
    let held = started(&store, 0).await;
    let (mut at, mut told) = (0, 0);
    for step in steps {
        match step {
            Step::Tell(more) => {
                at += more;
                told = told.max(at);
                let passed = pass(&store, &held, 1, place(at)).await;
                prop_assert_eq!(passed, Recorded::Done);
            }
            Step::Seek(to) => {
                // Where nothing was told there is no cursor to move.
                at = if told == 0 { at } else { to.min(told) };
                prop_assert_eq!(seek(&store, &held, place(to)).await, Recorded::Done);
            }
        }
        let expected = (told > 0).then(|| place(at));
        prop_assert_eq!(cursor(&store, 1).await, expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn no_way_back_and_forth_passes_what_was_not_told(steps in steps()) {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(takes(steps))?;
    }
}
