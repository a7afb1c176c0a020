use super::*;
use crate::{
    delivery::{DeliveryRef, FailureReason},
    event::EventRef,
    id::{AccountId, RecipientId},
    tenant::Mode,
};
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn selection(statuses: &[ReplayedStatus]) -> Selection {
    Selection {
        period: Period {
            since: at(0),
            until: at(100),
        },
        statuses: statuses.to_vec(),
        event_types: None,
        in_order: false,
    }
}

fn delivery(status: Status) -> Delivery {
    let owner = Tenant {
        account: AccountId::from_uuid(Uuid::nil()),
        mode: Mode::Live,
    };
    Delivery {
        reference: DeliveryRef {
            owner,
            policy: PolicyId::from_uuid(Uuid::nil()),
            recipient: RecipientId::from_bytes([0; 8]),
            event: EventRef {
                tenant: owner,
                id: "e".parse().expect("an id"),
                accepted_at: at(1),
            },
        },
        target: None,
        event_type: "INVOICE_ISSUED".parse().expect("a name"),
        attempts: 1,
        status,
    }
}

fn failed(second: i64) -> Delivery {
    delivery(Status::Failed {
        at: at(second),
        reason: FailureReason::Exhausted,
    })
}

#[test]
fn what_fails_while_a_replay_runs_is_not_sent_again_by_it() {
    let selection = selection(&[ReplayedStatus::Failed]);
    assert!(selection.keeps(&failed(9), at(10)));
    assert!(!selection.keeps(&failed(10), at(10)));
}

#[test]
fn what_waits_is_meant_however_long_it_waits() {
    let waits = delivery(Status::Waiting { due: at(90) });
    assert!(selection(&[ReplayedStatus::Waiting]).keeps(&waits, at(10)));
    assert!(!selection(&[ReplayedStatus::Failed]).keeps(&waits, at(10)));
}

#[test]
fn other_types_are_not_meant() {
    let mut selection = selection(&[ReplayedStatus::Failed]);
    for (name, meant) in [("INVOICE_ISSUED", true), ("INVOICE_CREATED", false)] {
        selection.event_types = Some(vec![name.parse().expect("a name")]);
        assert_eq!(selection.keeps(&failed(1), at(10)), meant, "{name}");
    }
}

#[test]
fn statuses_are_named_as_those_of_deliveries() {
    let names = ReplayedStatus::ALL.map(ReplayedStatus::name);
    assert_eq!(names, Status::NAMES);
    assert!("pending".parse::<ReplayedStatus>().is_err());
}
