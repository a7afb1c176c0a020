use super::*;
use crate::{
    dialect::Dialect,
    event::EventRef,
    tenant::{Mode, Tenant},
};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn place(micros: i64) -> Place {
    Place::at(Timestamp::from_microsecond(micros).expect("an instant"))
}

fn entry(of: u128, at: i64, bytes: usize) -> LogEntry {
    LogEntry {
        place: place(at),
        event: EventRef {
            tenant: Tenant {
                account: account(of),
                mode: Mode::Live,
            },
            id: format!("e-{of}-{at}").parse().expect("an id"),
            accepted_at: Timestamp::UNIX_EPOCH,
        },
        event_type: "order.paid".parse().expect("a type"),
        dialects: Vec::new(),
        bytes,
        expires: None,
    }
}

fn log(of: u128, entries: &[(i64, usize)]) -> AccountLog {
    let entries = entries.iter().map(|(at, bytes)| entry(of, *at, *bytes));
    AccountLog {
        account: account(of),
        cursor: place(0),
        told: place(0),
        entries: entries.collect(),
        read_all: None,
    }
}

const FEW: BatchLimits = BatchLimits {
    events: 3,
    bytes: 10,
};

fn batches(logs: &[AccountLog], limits: BatchLimits) -> Vec<Batch> {
    let mut plan = Plan::new(logs, limits, |_| true);
    std::iter::from_fn(|| plan.next_batch()).collect()
}

fn places(batch: &Batch) -> Vec<i64> {
    let places = batch.entries.iter();
    places.map(|entry| entry.place.as_microsecond()).collect()
}

#[test]
fn a_batch_is_bounded_in_number_and_weight_and_holds_at_least_one() {
    let log = log(
        1,
        &[
            (1, 4),
            (2, 4),
            (3, 4),
            (4, 99),
            (5, 0),
            (6, 0),
            (7, 0),
            (8, 0),
        ],
    );
    let planned: Vec<_> = batches(&[log], FEW).iter().map(places).collect();
    assert_eq!(
        planned,
        [vec![1, 2], vec![3], vec![4], vec![5, 6, 7], vec![8]]
    );
}

#[test]
fn a_batch_of_lunes_holds_at_most_a_hundred_events_and_256_kib() {
    const HALF: usize = 128 * 1024;
    let sizes = |entries: &[(i64, usize)]| -> Vec<usize> {
        let planned = batches(&[log(1, entries)], Dialect::Lune.batch());
        planned.iter().map(|batch| batch.entries.len()).collect()
    };
    let many: Vec<_> = (1..=101).map(|at| (at, 1)).collect();
    assert_eq!(sizes(&many), [100, 1]);
    assert_eq!(sizes(&[(1, HALF), (2, HALF), (3, 1)]), [2, 1]);
    assert_eq!(sizes(&[(1, HALF), (2, HALF + 1)]), [1, 1]);
}

#[test]
fn the_oldest_comes_first_and_each_account_ends_where_its_last_event_stands() {
    let logs = [log(1, &[(2, 0), (5, 0)]), log(2, &[(1, 0), (3, 0)])];
    let planned = batches(&logs, FEW);
    assert_eq!(places(&planned[0]), [1, 2, 3]);
    let end = |of, to| BatchEnd {
        account: account(of),
        to: place(to),
    };
    assert_eq!(planned[0].ends, [end(1, 2), end(2, 3)]);
    assert_eq!(planned[1].ends, [end(1, 5)]);
}

#[test]
fn what_is_not_heard_is_passed_over() {
    let logs = [log(1, &[(1, 0), (2, 0), (3, 0)])];
    let mut plan = Plan::new(&logs, FEW, |entry| entry.place != place(2));
    let batch = plan.next_batch().expect("a batch");
    assert_eq!(places(&batch), [1, 3]);
    assert_eq!(plan.next_batch(), None);
    assert_eq!(logs[0].read_to(), place(3));
}

proptest! {
    #[test]
    fn batches_hold_every_event_once_and_in_order(
        first in prop::collection::btree_map(1_i64..500, 0_usize..20, 0..40),
        second in prop::collection::btree_map(1_i64..500, 0_usize..20, 0..40),
        events in 1_usize..9,
        bytes in 0_usize..40,
    ) {
        let pairs = |map: &std::collections::BTreeMap<i64, usize>| {
            map.iter().map(|(at, bytes)| (*at, *bytes)).collect::<Vec<_>>()
        };
        let logs = [log(1, &pairs(&first)), log(2, &pairs(&second))];
        let planned = batches(&logs, BatchLimits { events, bytes });
        let sent: Vec<_> = planned.iter().flat_map(|batch| &batch.entries).collect();
        prop_assert_eq!(sent.len(), first.len() + second.len());
        prop_assert!(sent.windows(2).all(|two| two[0].place <= two[1].place));
        for batch in &planned {
            prop_assert!((1..=events).contains(&batch.entries.len()));
            let weight: usize = batch.entries.iter().map(|entry| entry.bytes).sum();
            prop_assert!(batch.entries.len() == 1 || weight <= bytes);
        }
        let whole = Plan::new(&logs, FEW, |_| true).whole();
        let whole = whole.map_or(Vec::new(), |batch| batch.entries);
        prop_assert!(whole.iter().eq(sent.iter().copied()));
    }
}

#[test]
fn nothing_new_comes_behind_what_is_told_again() {
    let again = AccountLog {
        told: place(2),
        ..log(1, &[(1, 1), (2, 1), (4, 1)])
    };
    let new = log(2, &[(3, 1)]);
    let planned: Vec<_> = batches(&[again, new], FEW).iter().map(places).collect();
    assert_eq!(planned, [vec![1, 2], vec![3, 4]]);
    // What is told again may come behind something new, whose id nobody knows.
    let again = AccountLog {
        told: place(3),
        ..log(1, &[(2, 1), (3, 1)])
    };
    let new = log(2, &[(1, 1)]);
    let planned: Vec<_> = batches(&[again, new], FEW).iter().map(places).collect();
    assert_eq!(planned, [[1, 2, 3]]);
}

#[test]
fn nothing_new_comes_behind_what_may_have_been_sent() {
    let log = log(1, &[(1, 1), (2, 1), (3, 1)]);
    let mut plan = Plan::new(&[log], FEW, |_| true).sent_to(Some(place(2)));
    let planned: Vec<_> = std::iter::from_fn(|| plan.next_batch()).collect();
    let planned: Vec<_> = planned.iter().map(places).collect();
    assert_eq!(planned, [vec![1, 2], vec![3]]);
}
