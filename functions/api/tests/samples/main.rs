//! The samples `events/api.*.json` on the way that they take in Lambda: from the gateway's JSON
//! to a request, to the router's answer, and back to JSON.

mod answer;
mod answers;
mod gateway;
mod hostile;
mod recipients;

use answer::Ask;
use herald_local::world::{samples::cases, stage::Stage};
use recipients::LISTED;

/// Every sample and the status of its answer, where the stage has the sample policy.
const SAMPLES: [(&str, u16); 18] = [
    ("create-policy", 201),
    ("create-policy-invalid", 400),
    ("health", 200),
    ("list-policies", 200),
    ("remove-recipient-by-query", 200),
    ("remove-recipient-cut", 200),
    ("remove-recipient-decoded", 200),
    ("remove-recipient-dots", 200),
    ("remove-recipient-encoded", 200),
    ("remove-recipient-odd", 200),
    ("remove-recipient-space", 200),
    ("report-event", 202),
    ("report-event-base64", 202),
    ("report-event-unknown-type", 400),
    ("unauthorized", 401),
    ("unknown-route", 404),
    ("unknown-version", 400),
    ("wrong-method", 405),
];

#[tokio::test]
async fn every_sample_is_answered() {
    let known: Vec<_> = SAMPLES.iter().map(|(case, _)| *case).collect();
    assert_eq!(known, cases("api"), "the samples in events/");
    for (case, status) in SAMPLES {
        let stage = Stage::set().await;
        stage.world.may_leave_messages();
        stage.policy(1, &LISTED).await;
        let answer = stage.sample(case).await;
        assert_eq!(answer.status, status, "{case}: {answer}");
    }
}
