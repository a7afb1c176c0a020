use super::*;
use crate::{
    event::EventRef,
    policy::{
        PolicyChange, PolicyDraft, WantedRecipient,
        samples::{self, Counting, account, live, second, url},
    },
    random::Random,
};

fn named(names: &[&str]) -> EventTypes {
    let types = names.iter().map(|name| name.parse().expect("a type"));
    EventTypes::named(types).expect("a type")
}

fn wanted(path: &str) -> WantedRecipient {
    url(path).into()
}

/// An ordered policy of account 1 that was made in second 0 and hears of `a`.
fn policy(random: &dyn Random) -> Policy {
    let draft = PolicyDraft {
        event_types: named(&["a"]),
        ordered: true,
        ..samples::draft(vec![wanted("first")])
    };
    samples::policy(draft, random)
}

fn entry(of: u128, name: &str, at: i64) -> LogEntry {
    LogEntry {
        place: Place::at(second(at)),
        event: EventRef {
            tenant: live(of),
            id: "e".parse().expect("an id"),
            accepted_at: second(at),
        },
        event_type: name.parse().expect("a type"),
        dialects: vec![Dialect::Herald],
        bytes: 0,
        expires: None,
    }
}

#[test]
fn what_was_accepted_is_heard_as_the_policy_was_then() {
    let random = Counting::default();
    let change = PolicyChange {
        event_types: Some(named(&["b"])),
        scope: Some(Scope::Accounts(vec![account(2)])),
        ..PolicyChange::default()
    };
    let changed = policy(&random).apply(change, &random, second(10));
    let changed = changed.expect("a change");
    for (entry, heard) in [
        (entry(1, "a", 9), true),
        (entry(1, "a", 10), true),
        (entry(1, "b", 9), false),
        (entry(2, "b", 9), false),
        (entry(2, "b", 11), true),
        (entry(1, "b", 11), false),
        (entry(2, "a", 11), false),
    ] {
        assert_eq!(changed.hears_entry(&entry), heard, "{entry:?}");
    }
    assert_eq!(changed.delivery_mode.start(), Some(Place::at(second(0))));
    let start = changed.delivery_mode.present_start();
    assert_eq!(start, Some(Place::at(second(10))));
}

#[test]
fn of_many_changes_the_earliest_are_told_together_and_nothing_is_left_out() {
    let random = Counting::default();
    let mut changed = policy(&random);
    for (name, at) in ["b", "c", "d", "e", "f", "g"].into_iter().zip(1..) {
        let change = PolicyChange {
            event_types: Some(named(&[name])),
            ..PolicyChange::default()
        };
        changed = changed
            .apply(change, &random, second(at * 10))
            .expect("a change");
    }
    for (name, at) in ["a", "b", "c", "d", "e", "f", "g"].into_iter().zip(0..) {
        assert!(changed.hears_entry(&entry(1, name, at * 10 + 5)), "{name}");
    }
    assert!(!changed.hears_entry(&entry(1, "f", 65)));
    let DeliveryMode::Ordered { earlier, .. } = changed.delivery_mode else {
        panic!("ordered stays ordered");
    };
    assert_eq!(earlier.len(), MAX_EARLIER);
}

#[test]
fn who_joins_later_is_told_what_is_accepted_after() {
    let random = Counting::default();
    let before = policy(&random);
    let first = before.recipients[0].id.clone();
    let change = |paths: &[&str]| PolicyChange {
        recipients: Some(paths.iter().map(|path| wanted(path)).collect()),
        ..PolicyChange::default()
    };
    let joined = before.apply(change(&["first", "second"]), &random, second(10));
    let joined = joined.expect("a change");
    let second_id = joined.recipients[1].id.clone();
    let start_of = |policy: &Policy, id: &RecipientId| policy.delivery_mode.start_of(id);
    assert_eq!(start_of(&joined, &first), Some(Place::at(second(0))));
    assert_eq!(start_of(&joined, &second_id), Some(Place::at(second(10))));
    // Who leaves is forgotten, and joins anew.
    let left = joined.apply(change(&["first"]), &random, second(20));
    let back = left
        .expect("a change")
        .apply(change(&["first", "second"]), &random, second(30));
    let back = back.expect("a change");
    let start = start_of(&back, &back.recipients[1].id);
    assert_eq!(start, Some(Place::at(second(30))));
}
