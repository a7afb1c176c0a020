//! `/herald/v1/policies/{id}/replays`: its rules, and who may ask for what.

use crate::own_policies::{OWN, own, path, told};
use herald::{
    clock::Clock,
    tenant::{Mode, Tenant},
};
use herald_local::{
    service::{Parts, Service},
    world::{DAWN, World, chance::ManualClock, give_credential},
};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tower::ServiceExt;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// How long something may be withheld, and the retention before it.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 430);

/// A policy, a minute after it was made; returns the path of its replays.
async fn replays(world: &World) -> String {
    let policy = own(world, json!({})).await;
    world.clock.advance(Duration::from_secs(60));
    format!("{}/replays", path(&policy))
}

#[tokio::test]
async fn bodies_that_break_a_rule_are_told_all_of_them_and_start_nothing() {
    let world = World::new().await;
    let path = replays(&world).await;
    let since = DAWN;
    for (body, expected) in [
        (json!({}), vec!["since is required"]),
        (json!([]), vec!["body must be a JSON object"]),
        (
            json!({ "since": 7, "until": 8 }),
            vec!["since must be a string", "until must be a string"],
        ),
        (
            json!({ "since": "yesterday" }),
            vec!["since must be an RFC 3339 time"],
        ),
        (
            json!({ "since": world.clock.now() - LOOK_BACK - SECOND }),
            vec!["since must be at most 430 days ago"],
        ),
        (
            json!({ "since": "2026-01-06T00:00:00Z" }),
            vec!["since must be before until, and not in the future"],
        ),
        (
            json!({ "since": since, "until": since }),
            vec!["since must be before until, and not in the future"],
        ),
        (
            json!({ "since": since, "statuses": [] }),
            vec!["statuses must name at least one status"],
        ),
        (
            json!({ "since": since, "statuses": "failed" }),
            vec!["statuses must be an array of strings"],
        ),
        (
            json!({ "since": since, "statuses": ["failed", "pending"] }),
            vec!["statuses[1] must be one of waiting, delivered, failed, withheld, cancelled"],
        ),
        (
            json!({ "since": since, "eventTypes": ["no.such"], "dryRun": "yes", "pace": 1 }),
            vec![
                "pace is not a known field",
                "eventTypes[0] must be a known event type",
                "dryRun must be true or false",
            ],
        ),
    ] {
        let reply = world.call(Method::POST, &path, body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        assert_eq!(told(&reply), expected, "{body}");
    }
    assert_eq!(world.get(&path).await["items"], json!([]));
}

#[tokio::test]
async fn a_replay_is_shown_as_it_was_asked_for() {
    let world = World::new().await;
    world.may_leave_messages();
    let path = replays(&world).await;
    let body = json!({
        "since": DAWN, "until": "2027-01-05T10:00:00Z",
        "statuses": ["delivered", "failed", "delivered"], "eventTypes": ["INVOICE_ISSUED"],
    });
    let made = world.call(Method::POST, &path, body).await;
    assert_eq!(made.status, 202, "{}", made.json);
    let expected = json!({
        "id": made.json["id"], "policyId": made.json["policyId"], "status": "running",
        // Until now: what is accepted later is told in any case.
        "since": DAWN, "until": "2026-01-05T10:01:00Z",
        "statuses": ["delivered", "failed"], "eventTypes": ["INVOICE_ISSUED"],
        "examined": 0, "sent": 0, "createdAt": "2026-01-05T10:01:00Z", "endedAt": null,
    });
    assert_eq!(made.json, expected);
    let id = made.json["id"].as_str().expect("an id");
    assert_eq!(world.get(&format!("{path}/{id}")).await, expected);
}

#[tokio::test]
async fn replays_are_listed_the_newest_first_in_pages() {
    let world = World::new().await;
    let path = replays(&world).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let body = json!({ "since": DAWN });
        let made = world.call(Method::POST, &path, body).await;
        ids.push(made.json["id"].clone());
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }
    ids.reverse();
    let page = world.get(&format!("{path}?limit=2")).await;
    let listed = |page: &Value| -> Vec<Value> {
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].clone()).collect()
    };
    assert_eq!(listed(&page), ids[..2]);
    let after = page["pagination"]["after"].as_str().expect("a cursor");
    let page = world.get(&format!("{path}?limit=2&after={after}")).await;
    assert_eq!(listed(&page), ids[2..]);
    assert_eq!(page["pagination"], json!({}));
}

#[tokio::test]
async fn a_policy_that_is_not_active_is_not_replayed() {
    let world = World::new().await;
    let policy = own(&world, json!({ "status": "inactive" })).await;
    world.clock.advance(Duration::from_secs(60));
    let path = format!("{}/replays", path(&policy));
    let reply = world
        .call(Method::POST, &path, json!({ "since": DAWN }))
        .await;
    assert_eq!(reply.status, 409);
    assert_eq!(world.get(&path).await["items"], json!([]));
}

#[tokio::test]
async fn what_is_anothers_looks_as_if_it_were_not_there() {
    let world = World::new().await;
    world.may_leave_messages();
    let path = replays(&world).await;
    let made = world
        .call(Method::POST, &path, json!({ "since": DAWN }))
        .await;
    let id = made.json["id"].as_str().expect("an id");
    let other = own(&world, json!({ "name": "Other" })).await;
    let other = format!("{}/replays", crate::own_policies::path(&other));
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "tm:test-mode").await;
    for (authorization, path) in [
        (None, format!("{other}/{id}")),
        (None, format!("{path}/no-such")),
        (None, format!("{path}/%ff")),
        (None, format!("{OWN}/no-such/replays/{id}")),
        (None, format!("{OWN}/%ff/replays/{id}")),
        (None, path.replace("replays", "recipients/%ff")),
        (Some("Bearer test-mode"), format!("{path}/{id}")),
        (Some("Bearer test-mode"), path.clone()),
    ] {
        let request = World::request(Method::GET, &path).body(String::new().into());
        let mut request = request.expect("a request");
        if let Some(authorization) = authorization {
            let value = authorization.parse().expect("a value");
            request.headers_mut().insert("authorization", value);
        }
        let reply = world.send(request).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    let cancel = format!("{path}/%ff/cancel");
    let reply = world.call(Method::POST, &cancel, Value::Null).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["status"]),
        (404, &json!(404))
    );
}

#[tokio::test]
async fn an_ended_replay_is_shown_for_thirty_days() {
    let world = World::new().await;
    let path = replays(&world).await;
    let body = json!({ "since": DAWN });
    let made = world.call(Method::POST, &path, body).await;
    assert_eq!(made.status, 202, "{}", made.json);
    world.settle().await;
    let ended = world.clock.now();
    let month = SignedDuration::from_hours(30 * 24);
    for (at, shown) in [(ended + month - SECOND, 1), (ended + month + SECOND, 0)] {
        world.engine.expire(at).await;
        let listed = world.get(&path).await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(shown));
    }
}

/// A clock that goes on by as much whenever it is read.
#[derive(Debug)]
struct Hurried(ManualClock, Duration);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        self.0.advance(self.1);
        self.0.now()
    }
}

#[tokio::test]
async fn a_dry_run_that_takes_ten_seconds_says_that_it_is_not_complete() {
    let world = World::new().await;
    let path = replays(&world).await;
    for (seconds, complete) in [(9, true), (10, false)] {
        let clock = ManualClock::at(world.clock.now());
        let parts = Parts {
            clock: Arc::new(Hurried(clock, Duration::from_secs(seconds))),
            ..world.service.parts.clone()
        };
        let service = Service::new(parts).expect("a service");
        let body = json!({ "since": DAWN, "dryRun": true });
        let request =
            World::request(Method::POST, &path).body(axum::body::Body::from(body.to_string()));
        let answer = service.router().oneshot(request.expect("a request")).await;
        let body = axum::body::to_bytes(answer.expect("an answer").into_body(), usize::MAX).await;
        let counted: Value = serde_json::from_slice(&body.expect("a body")).expect("JSON");
        let expected = json!({
            "dryRun": true, "examined": 0, "matched": 0, "complete": complete,
        });
        assert_eq!(counted, expected, "{seconds}");
    }
}
