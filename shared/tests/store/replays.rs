//! Replays: one of a policy at a time, whose progress and end are each written once.

use crate::sample::{dawn, policy_id, seconds, store, tenant};
use herald::{
    id::ReplayId,
    replay::{Replay, ReplayState, ReplayedStatus, Selection},
    store::{Period, Recorded, ReplayStart, Store},
};
use uuid::Uuid;

fn replay(number: u128, policy: u128) -> Replay {
    let selection = Selection {
        period: Period {
            since: dawn() - seconds(60),
            until: dawn(),
        },
        statuses: vec![ReplayedStatus::Failed],
        event_types: None,
        in_order: false,
    };
    let id = ReplayId::from_uuid(Uuid::from_u128(number));
    Replay::new(id, (tenant(1), policy_id(policy)), selection, dawn())
}

async fn start(store: &Store, replay: &Replay) -> ReplayStart {
    store.start_replay(replay).await.expect("an answer")
}

fn cancelled() -> ReplayState {
    ReplayState::Cancelled { at: dawn() }
}

#[tokio::test]
async fn of_one_policy_one_runs_at_a_time_and_of_others_as_many_as_they_are() {
    let store = store().await;
    let first = replay(1, 1);
    assert_eq!(start(&store, &first).await, ReplayStart::Done);
    let refused = ReplayStart::Running(Some(first.id));
    assert_eq!(start(&store, &replay(2, 1)).await, refused);
    assert_eq!(start(&store, &replay(3, 2)).await, ReplayStart::Done);
    let of = (tenant(1), policy_id(1));
    let kept = store.replay(of, replay(2, 1).id).await;
    assert_eq!(kept.expect("an answer"), None, "nothing is left of it");
    let ended = store.end_replay(&first, cancelled()).await;
    assert_eq!(ended.expect("an answer"), Recorded::Done);
    assert_eq!(start(&store, &replay(4, 1)).await, ReplayStart::Done);
}

#[tokio::test]
async fn who_read_an_older_version_neither_goes_on_nor_ends_it() {
    let store = store().await;
    let read = replay(1, 1);
    assert_eq!(start(&store, &read).await, ReplayStart::Done);
    let (mut mine, mut other) = (read.clone(), read.clone());
    mine.progress.sent = 7;
    let noted = store.note_progress(&mut mine).await;
    assert_eq!(noted.expect("an answer"), Recorded::Done);
    other.progress.sent = 8;
    let noted = store.note_progress(&mut other).await;
    assert_eq!(noted.expect("an answer"), Recorded::Stale);
    let ended = store.end_replay(&read, cancelled()).await;
    assert_eq!(ended.expect("an answer"), Recorded::Stale);
    let of = (tenant(1), policy_id(1));
    let running = store.running_replay(of).await;
    assert_eq!(running.expect("an answer"), Some(read.id));
    let ended = store.end_replay(&mine, cancelled()).await;
    assert_eq!(ended.expect("an answer"), Recorded::Done);
    let again = store.end_replay(&mine, cancelled()).await;
    assert_eq!(again.expect("an answer"), Recorded::Stale);
    let kept = store.replay(of, read.id).await.expect("an answer");
    let kept = kept.expect("a replay");
    assert_eq!((kept.progress.sent, kept.state), (7, cancelled()));
}

#[tokio::test]
async fn progress_whose_answer_was_lost_is_noted_when_it_is_repeated() {
    let store = store().await;
    let read = replay(1, 1);
    assert_eq!(start(&store, &read).await, ReplayStart::Done);
    let (mut first, mut repeated) = (read.clone(), read);
    for replay in [&mut first, &mut repeated] {
        replay.progress.sent = 7;
        let noted = store.note_progress(replay).await;
        assert_eq!(noted.expect("an answer"), Recorded::Done);
    }
    assert_eq!(first, repeated, "one goes on from where the other would");
}
