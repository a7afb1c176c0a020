use super::*;
use crate::{
    destination::DestinationRules,
    policy::{
        MAX_RECIPIENTS, PolicyStatus, Scope,
        samples::{self, second, url},
    },
};

/// Draws the same bytes every time, other than those of the recipients that are listed.
#[derive(Debug)]
struct Nines;

impl Random for Nines {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(9);
    }
}

fn suspended(since: i64, reason: SuspensionReason) -> RecipientStatus {
    RecipientStatus::Suspended {
        since: second(since),
        reason,
    }
}

fn recipient(number: u8, path: &str, status: RecipientStatus) -> Recipient {
    Recipient {
        id: RecipientId::from_bytes([number; 8]),
        target: url(path),
        status,
    }
}

fn wanted(path: &str, status: Option<WantedStatus>) -> WantedRecipient {
    let target = url(path);
    let id = None;
    WantedRecipient { id, target, status }
}

/// A policy of second 0 with an active recipient `a` and a gone one `b`.
fn policy() -> Policy {
    Policy {
        recipients: vec![
            recipient(1, "a", RecipientStatus::Active),
            recipient(2, "b", suspended(0, SuspensionReason::Gone)),
        ],
        ..samples::policy(samples::draft(Vec::new()), &Nines)
    }
}

fn apply(change: PolicyChange) -> Policy {
    let changed = policy().apply(change, &Nines, second(5));
    changed.expect("a change that keeps the rules")
}

fn with_recipients(recipients: Vec<WantedRecipient>) -> PolicyChange {
    PolicyChange {
        recipients: Some(recipients),
        ..PolicyChange::default()
    }
}

#[test]
fn a_wanted_status_decides_and_none_leaves_the_recipient_as_it_is() {
    let (active, gone) = (RecipientStatus::Active, SuspensionReason::Gone);
    let by_hand = suspended(5, SuspensionReason::ByHand);
    for (listed, wanted_status, expected) in [
        (None, None, active),
        (None, Some(WantedStatus::Active), active),
        (None, Some(WantedStatus::Suspended), by_hand),
        (Some(active), None, active),
        (Some(active), Some(WantedStatus::Active), active),
        (Some(active), Some(WantedStatus::Suspended), by_hand),
        (Some(suspended(0, gone)), None, suspended(0, gone)),
        (Some(suspended(0, gone)), Some(WantedStatus::Active), active),
        (
            Some(suspended(0, gone)),
            Some(WantedStatus::Suspended),
            suspended(0, gone),
        ),
    ] {
        let listed = listed.map(|status| recipient(1, "a", status));
        let wanted = wanted("a", wanted_status);
        let made = wanted.into_recipient(listed.as_ref(), &Nines, second(5));
        let number = if listed.is_some() { 1 } else { 9 };
        let expected = recipient(number, "a", expected);
        assert_eq!(made, expected, "{listed:?} {wanted_status:?}");
    }
}

#[test]
fn recipients_take_the_place_of_all_and_those_that_stay_keep_their_ids() {
    let changed = apply(with_recipients(vec![
        wanted("new", None),
        wanted("b", None),
        wanted("a", Some(WantedStatus::Suspended)),
    ]));
    let expected = [
        recipient(9, "new", RecipientStatus::Active),
        recipient(2, "b", suspended(0, SuspensionReason::Gone)),
        recipient(1, "a", suspended(5, SuspensionReason::ByHand)),
    ];
    assert_eq!(changed.recipients, expected);
    assert_eq!((changed.version, changed.updated_at), (2, second(5)));
    let changed = apply(with_recipients(vec![wanted(
        "b",
        Some(WantedStatus::Active),
    )]));
    assert_eq!(
        changed.recipients,
        [recipient(2, "b", RecipientStatus::Active)]
    );
}

#[test]
fn a_change_names_what_it_changes_and_leaves_the_rest() {
    let name: Name = "After".parse().expect("a name");
    let types = EventTypes::named(["INVOICE_ISSUED".parse().expect("a type")]);
    let types = types.expect("a type");
    let details = Details {
        description: Some("What it is for".parse().expect("a description")),
        ..Details::default()
    };
    let of_name = PolicyChange {
        name: Some(name.clone()),
        ..PolicyChange::default()
    };
    let of_types = PolicyChange {
        event_types: Some(types.clone()),
        ..PolicyChange::default()
    };
    let of_details = PolicyChange {
        details: Some(details.clone()),
        ..PolicyChange::default()
    };
    let next = Policy {
        updated_at: second(5),
        version: 2,
        ..policy()
    };
    for (change, expected) in [
        (
            of_name,
            Policy {
                name,
                ..next.clone()
            },
        ),
        (
            of_types,
            Policy {
                event_types: types,
                ..next.clone()
            },
        ),
        (of_details, Policy { details, ..next }),
    ] {
        assert_eq!(apply(change), expected);
    }
}

#[test]
fn a_webhook_that_is_named_by_its_id_moves_and_keeps_it() {
    let before = policy();
    let id = before.recipients[0].id.clone();
    let moved = WantedRecipient {
        id: Some(id.clone()),
        ..wanted("new", None)
    };
    // Who names the old target beside it means another recipient.
    let after = apply(with_recipients(vec![moved.clone(), wanted("a", None)]));
    assert_eq!(after.recipients[0].id, id);
    assert_eq!(after.recipients[0].target, moved.target);
    assert!(after.recipients[1].id != id && before.recipient(&after.recipients[1].id).is_none());
    let twice = with_recipients(vec![
        moved,
        WantedRecipient {
            id: Some(id),
            ..wanted("b", None)
        },
    ]);
    assert!(policy().apply(twice, &Nines, second(5)).is_err());
}

#[test]
fn what_changes_nothing_makes_no_version() {
    let present = policy();
    for change in [
        PolicyChange::default(),
        PolicyChange {
            name: Some(present.name.clone()),
            event_types: Some(EventTypes::All),
            scope: Some(Scope::Own),
            retry: Some(crate::retry::RetryPolicy::Default),
            details: Some(Details::default()),
            recipients: None,
            status: Some(WantedPolicyStatus::Active),
            health: Some(None),
            ordered: false,
            pace: Some(None),
        },
        with_recipients(vec![wanted("a", None), wanted("b", None)]),
        with_recipients(vec![
            wanted("a", Some(WantedStatus::Active)),
            wanted("b", Some(WantedStatus::Suspended)),
        ]),
    ] {
        assert_eq!(apply(change), present);
    }
}

#[test]
fn too_few_too_many_or_too_long_recipients_are_refused() {
    let many = (0..=MAX_RECIPIENTS).map(|n| wanted(&n.to_string(), None));
    let long = (0..MAX_RECIPIENTS).map(|n| wanted(&format!("{n}/{}", "x".repeat(2_000)), None));
    for recipients in [Vec::new(), many.collect()] {
        let refused = policy().apply(with_recipients(recipients), &Nines, second(5));
        assert_eq!(refused, Err(Invalid::new("must be 1 to 100")));
    }
    // A hundred URLs of the longest kind fit.
    let fits = policy().apply(with_recipients(long.collect()), &Nines, second(5));
    assert_eq!(
        fits.map(|policy| policy.recipients.len()),
        Ok(MAX_RECIPIENTS)
    );
}

/// The policy, with health that is asked for at a URL.
fn with_health(status: PolicyStatus) -> Policy {
    let url = DestinationRules::strict().parse("https://a.example/health");
    let (url, withhold) = (url.expect("a URL"), true);
    Policy {
        health: Some(Health { url, withhold }),
        status,
        ..policy()
    }
}

#[test]
fn health_that_is_set_leaves_an_active_policy_active_and_health_that_is_removed_makes_one_so() {
    let health = with_health(PolicyStatus::Active).health;
    let set = PolicyChange {
        health: Some(health),
        ..PolicyChange::default()
    };
    assert_eq!(apply(set).status, PolicyStatus::Active);
    let removed = PolicyChange {
        health: Some(None),
        ..PolicyChange::default()
    };
    let suspended = with_health(PolicyStatus::Suspended { since: second(1) });
    let after = suspended
        .apply(removed, &Nines, second(5))
        .expect("a change");
    assert_eq!((after.status, after.health), (PolicyStatus::Active, None));
}

#[test]
fn a_policy_becomes_ordered_once() {
    let ordered = || PolicyChange {
        ordered: true,
        ..PolicyChange::default()
    };
    let first = apply(ordered());
    assert!(first.delivery_mode.is_ordered());
    let again = first
        .clone()
        .apply(ordered(), &Nines, second(9))
        .expect("a change");
    assert_eq!(again, first);
}
