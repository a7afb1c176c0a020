use crate::program::{Program, client, folder};
use futures::{StreamExt, stream};
use herald_local::world::receiver::Receiver;
use serde_json::json;
use std::{collections::HashMap, time::Duration};

const EVENTS: usize = 1_000;

/// Every accepted event is delivered within this time after the restart.
const PROMISED: Duration = Duration::from_secs(120);

/// The ids of the events that a receiver got, and the `webhook-id` that came with each.
fn received(receiver: &Receiver) -> HashMap<String, String> {
    let mut ids: HashMap<String, String> = HashMap::new();
    for request in receiver.received() {
        let body: serde_json::Value = serde_json::from_str(&request.body).expect("JSON");
        let event = body["resourceId"]
            .as_str()
            .expect("an event's id")
            .to_owned();
        let id = request.header("webhook-id").to_owned();
        let known = ids.entry(event).or_insert_with(|| id.clone());
        assert_eq!(*known, id, "the id of a delivery stays the same");
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_of_a_thousand_events_loses_none_that_was_accepted() {
    let folder = folder("kill");
    let receiver = Receiver::start([]).await;
    let client = client();
    let mut first = Program::start(&folder);
    let policy =
        json!({ "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/hook")] });
    let made = first
        .post(&client, "/api/notifications/policies", policy)
        .await;
    assert_eq!(made.map(|status| status.as_u16()), Some(201));

    let pid = first.child.id().to_string();
    let reports = stream::iter(0..EVENTS)
        .map(async |n| {
            let id = format!("e{n}");
            let event = json!({ "id": id, "type": "INVOICE_ISSUED", "resourceId": id });
            let status = first.post(&client, "/herald/v1/events", event).await;
            (status.is_some_and(|status| status == 202)).then_some(id)
        })
        .buffer_unordered(16)
        .filter_map(async |accepted| accepted)
        .collect::<Vec<_>>();
    let kill = async {
        receiver.until(EVENTS / 4).await;
        let killed = std::process::Command::new("kill")
            .args(["-KILL", &pid])
            .status();
        assert!(killed.expect("kill runs").success());
    };
    let (accepted, ()) = tokio::join!(reports, kill);
    first.child.wait().expect("the program ends");
    let before = received(&receiver).len();
    assert!(
        before < EVENTS && before < accepted.len(),
        "it was killed in the middle: {before}"
    );

    let second = Program::start(&folder);
    let all = async {
        let mut requests = receiver.received().len();
        while accepted
            .iter()
            .any(|id| !received(&receiver).contains_key(id))
        {
            requests += 1;
            receiver.until(requests).await;
            requests = receiver.received().len();
        }
    };
    let delivered = tokio::time::timeout(PROMISED, all).await;
    let missing = accepted
        .iter()
        .filter(|id| !received(&receiver).contains_key(*id))
        .count();
    assert!(
        delivered.is_ok(),
        "{missing} of {} accepted events are missing",
        accepted.len()
    );
    drop(second);
}
