use crate::keys;
use herald_local::world::{
    World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const DELIVERIES: &str = "/herald/v1/deliveries";

/// Every delivery of a list, page by page.
async fn all(world: &World, query: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("{DELIVERIES}?{query}&limit={limit}{after}");
        let page = world.get(&path).await;
        let page_items = page["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no page: {page}"));
        assert!(page_items.len() <= limit);
        items.extend(page_items.clone());
        match page["pagination"]["after"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return items,
        }
    }
}

/// Two policies with two recipients each, and an event a day for three days; the first is refused
/// everywhere at first.
async fn three_days() -> (World, Receiver, String) {
    let world = World::new().await;
    let receiver = Receiver::start(vec![Answer::Status(500); 4]).await;
    let first = world
        .policy(&[receiver.url("/1a"), receiver.url("/1b")])
        .await;
    world
        .policy(&[receiver.url("/2a"), receiver.url("/2b")])
        .await;
    for event in ["day1", "day2", "day3"] {
        world.report(event).await;
        world.settle().await;
        world.turn(Duration::from_secs(24 * 60 * 60)).await;
    }
    let policy = first["id"].as_str().expect("an id").to_owned();
    (world, receiver, policy)
}

fn events(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["eventId"].as_str().expect("an id"))
        .collect()
}

#[tokio::test]
async fn lists_page_through_everything_the_newest_first() {
    let (world, _receiver, policy) = three_days().await;
    for limit in [1, 3, 100] {
        let items = all(&world, "", limit).await;
        let expected = [["day3"; 4], ["day2"; 4], ["day1"; 4]].concat();
        assert_eq!(events(&items), expected, "{limit} at a time");
        let mut ids: Vec<_> = items.iter().map(|item| item["id"].to_string()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 12);
        let of_policy = all(&world, &format!("policyId={policy}"), limit).await;
        assert_eq!(
            events(&of_policy),
            ["day3", "day3", "day2", "day2", "day1", "day1"]
        );
        assert!(of_policy.iter().all(|item| item["policyId"] == *policy));
        assert_eq!(all(&world, "eventId=day2", limit).await.len(), 4);
        let both = all(&world, &format!("eventId=day2&policyId={policy}"), limit).await;
        assert_eq!(both.len(), 2);
    }
}

#[tokio::test]
async fn lists_filter_by_time_and_status() {
    let (world, _receiver, policy) = three_days().await;
    for of in [String::new(), format!("&policyId={policy}")] {
        let since = all(&world, &format!("since=2026-01-06T00:00:00Z{of}"), 100).await;
        assert!(!since.is_empty() && !events(&since).contains(&"day1"));
        let until = all(&world, &format!("until=2026-01-06T00:00:00Z{of}"), 100).await;
        assert!(!until.is_empty() && events(&until).iter().all(|event| *event == "day1"));
        assert_eq!(
            all(&world, &format!("until=2025-01-01T00:00:00Z{of}"), 100)
                .await
                .len(),
            0
        );
        assert_eq!(
            all(&world, &format!("since=2027-01-01T00:00:00Z{of}"), 100)
                .await
                .len(),
            0
        );
        let delivered = all(&world, &format!("status=delivered{of}"), 2).await;
        assert!(delivered.iter().all(|item| item["status"] == "delivered"));
        assert_eq!(delivered.len(), if of.is_empty() { 12 } else { 6 });
    }
}

#[tokio::test]
async fn pending_deliveries_are_seen_everywhere() {
    let world = World::new().await;
    world.may_leave_messages();
    let policy = world.policy(&["https://example.com/hook".to_owned()]).await;
    world.report("e").await;
    world
        .service
        .step(herald::queue::QueueName::Events)
        .await
        .expect("a step");
    let policy = policy["id"].as_str().expect("an id");
    for query in [
        "",
        "eventId=e",
        "status=pending",
        &format!("status=pending&policyId={policy}"),
    ] {
        let items = all(&world, query, 10).await;
        assert_eq!(items.len(), 1, "{query}");
        assert_eq!(
            (&items[0]["status"], &items[0]["attemptCount"]),
            (&"pending".into(), &0.into())
        );
        assert_eq!(items[0]["target"], "https://example.com/hook");
        let id = items[0]["id"].as_str().expect("an id");
        let shown = world.get(&format!("{DELIVERIES}/{id}")).await;
        assert_eq!(
            (&shown["status"], &shown["attempts"]),
            (&"pending".into(), &json!([]))
        );
    }
    assert_eq!(all(&world, "status=delivered", 10).await.len(), 0);
}

#[tokio::test]
async fn bad_parameters_are_all_named() {
    let world = World::new().await;
    for (query, expected) in [
        ("policyId=x", vec!["policyId"]),
        ("eventId=a%20b", vec!["eventId"]),
        ("status=lost", vec!["status"]),
        ("since=x&until=y", vec!["since", "until"]),
        ("limit=0", vec!["limit"]),
        ("limit=101&after=x", vec!["limit", "after"]),
        ("offset=3", vec!["offset"]),
    ] {
        let reply = world
            .call(Method::GET, &format!("{DELIVERIES}?{query}"), json!(null))
            .await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, expected),
            "{query}"
        );
    }
    for path in ["nope", "%ff", "dlv_00000000000000000000000000000000"] {
        let reply = world
            .call(Method::GET, &format!("{DELIVERIES}/{path}"), json!(null))
            .await;
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn a_cursor_fits_its_own_list_only() {
    let (world, _receiver, policy) = three_days().await;
    let page = world
        .get(&format!("{DELIVERIES}?policyId={policy}&limit=1"))
        .await;
    let after = page["pagination"]["after"].as_str().expect("a cursor");
    for query in ["limit=1", "eventId=day1"] {
        let path = format!("{DELIVERIES}?{query}&after={after}");
        let reply = world.call(Method::GET, &path, json!(null)).await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, vec!["after"]),
            "{query}"
        );
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_events_come_in() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let urls: Vec<_> = (0..30).map(|n| receiver.url(&format!("/{n}"))).collect();
    world.policy(&urls).await;
    world.report("first").await;
    world.settle().await;
    let mut ids = Vec::new();
    let mut path = format!("{DELIVERIES}?limit=7");
    for n in 0.. {
        let page = world.get(&path).await;
        let items = page["items"].as_array().expect("a page");
        ids.extend(items.iter().map(|item| item["id"].to_string()));
        world.clock.advance(Duration::from_secs(1));
        world.report(&format!("later{n}")).await;
        world.settle().await;
        match page["pagination"]["after"].as_str() {
            Some(after) => path = format!("{DELIVERIES}?limit=7&after={after}"),
            None => break,
        }
    }
    let listed = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((listed, ids.len()), (30, 30));
}

#[tokio::test]
async fn times_and_cursors_beyond_reason_are_answered() {
    let world = World::new().await;
    let policy = "policyId=01a1fdd6-fca0-71bc-a0bd-49e23b2dd59b";
    let account = cursor(
        r#"{"Account":{"position":{"day":253370764800000,"after":null,"again":false},"skip":9}}"#,
    );
    let records = cursor(r#"{"Policy":{"day":-377705023201000,"after":null}}"#);
    for query in [
        format!("{policy}&until=-009999-01-02T01:59:59Z"),
        format!("{policy}&since=-009999-01-02T01:59:59Z"),
        "since=-009999-01-02T01:59:59Z&until=9999-12-30T00:00:00Z".to_owned(),
        format!("after={account}"),
        format!("{policy}&after={records}"),
    ] {
        world.wire.forget();
        let reply = world
            .call(Method::GET, &format!("{DELIVERIES}?{query}"), json!(null))
            .await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["items"]),
            (200, &json!([])),
            "{query}"
        );
        let passed = world.wire.passed();
        assert!(passed["Query"] < 500, "{query}: {passed:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_names_what_no_table_takes_as_a_key_is_refused() {
    let (world, _receiver, _) = three_days().await;
    let page = world.get(&format!("{DELIVERIES}?limit=1")).await;
    let known = page["pagination"]["after"].as_str().expect("a cursor");
    let known = data_encoding::BASE64URL_NOPAD.decode(known.as_bytes());
    let mut known: Value = serde_json::from_slice(&known.expect("base64url")).expect("JSON");
    let after = known["Account"]["position"]["after"].as_str();
    let start = after.expect("a key").to_owned();
    for (after, status) in [
        (String::new(), 200),
        ("x".to_owned(), 200),
        (start.clone() + &"x".repeat(200), 200),
        (start.clone() + &"x".repeat(1_024), 400),
        (start + &"ä".repeat(1_000), 400),
        ("x".repeat(10_000), 400),
    ] {
        known["Account"]["position"]["after"] = after.into();
        let path = format!("{DELIVERIES}?after={}", cursor(&known.to_string()));
        world.wire.forget();
        let reply = world.call(Method::GET, &path, json!(null)).await;
        assert_eq!(reply.status, status, "{path}");
        if status == 400 {
            assert_eq!(keys(&reply), ["after"]);
            assert_eq!(world.wire.passed().get("Query"), None, "{path}");
        }
    }
}

fn cursor(json: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(json.as_bytes())
}
