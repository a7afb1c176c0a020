use crate::{POLICIES, created, keys};
use herald::{
    policy::Policy,
    store::{Created, ListOrder, PolicyQuery},
};
use herald_local::world::World;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;

fn names(page: &Value) -> Vec<String> {
    let items = page["items"]
        .as_array()
        .unwrap_or_else(|| panic!("no page: {page}"));
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

async fn world_with(count: usize) -> World {
    let world = World::new().await;
    for n in 0..count {
        let types = if n % 2 == 0 {
            json!(["INVOICE_ISSUED"])
        } else {
            json!(null)
        };
        created(
            &world,
            json!({ "name": n.to_string(), "notificationTypes": types }),
        )
        .await;
        world.clock.advance(Duration::from_secs(1));
    }
    world
}

#[tokio::test]
async fn pages_lead_forward_and_back_without_gaps() {
    let world = world_with(7).await;
    let mut forward = Vec::new();
    let mut path = format!("{POLICIES}?limit=3");
    let mut pages = Vec::new();
    loop {
        let page = world.get(&path).await;
        assert_eq!(page["pagination"]["totalResultSize"], 7);
        forward.extend(names(&page));
        pages.push(names(&page));
        let after = page["pagination"]["after"].as_str().map(String::from);
        let is_first = pages.len() == 1;
        assert_eq!(page["pagination"].get("before").is_none(), is_first);
        match after {
            Some(after) => path = format!("{POLICIES}?limit=3&after={after}"),
            None => break,
        }
    }
    assert_eq!(
        forward,
        ["6", "5", "4", "3", "2", "1", "0"],
        "the newest first"
    );
    let last = world.get(&path).await;
    let mut back = vec![names(&last)];
    let mut before = last["pagination"]["before"].as_str().map(String::from);
    while let Some(cursor) = before {
        let page = world
            .get(&format!("{POLICIES}?limit=3&before={cursor}"))
            .await;
        back.push(names(&page));
        before = page["pagination"]["before"].as_str().map(String::from);
        assert!(page["pagination"]["after"].is_string());
    }
    back.reverse();
    assert_eq!(back, pages);
}

#[tokio::test]
async fn a_type_filters_to_the_policies_that_hear_of_it() {
    let world = world_with(4).await;
    let page = world
        .get(&format!("{POLICIES}?notificationType=QUOTE_SIGNED"))
        .await;
    assert_eq!(names(&page), ["3", "1"], "those for all types");
    assert_eq!(page["pagination"], json!({ "totalResultSize": 2 }));
    let page = world
        .get(&format!(
            "{POLICIES}?notificationType=INVOICE_ISSUED&limit=2"
        ))
        .await;
    assert_eq!(names(&page), ["3", "2"]);
}

#[tokio::test]
async fn bad_parameters_are_all_named() {
    let world = World::new().await;
    for (query, expected) in [
        ("limit=0", vec!["limit"]),
        ("limit=101", vec!["limit"]),
        ("limit=ten", vec!["limit"]),
        ("after=nope", vec!["after"]),
        ("before=%00", vec!["before"]),
        ("notificationType=NOPE", vec!["notificationType"]),
        (
            "limit=-1&after=x&notificationType=x",
            vec!["limit", "after", "notificationType"],
        ),
    ] {
        let reply = world
            .call(Method::GET, &format!("{POLICIES}?{query}"), json!(null))
            .await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, expected),
            "{query}"
        );
    }
    let id = herald::page_cursor::encode(&uuid_text());
    let both = format!("{POLICIES}?after={id}&before={id}");
    let reply = world.call(Method::GET, &both, json!(null)).await;
    assert_eq!(keys(&reply), ["before"]);
}

fn uuid_text() -> String {
    "01a1fdd6-fca0-71bc-a0bd-49e23b2dd59b".to_owned()
}

#[tokio::test]
async fn up_to_a_thousand_policies_are_counted() {
    let world = world_with(1).await;
    let parts = &world.service.parts;
    let query = PolicyQuery {
        owner: world.tenant,
        order: ListOrder::Newest,
        after: None,
        limit: 1,
    };
    let listed = parts.store.list_policies(query, |_| true).await;
    let first = &listed.expect("an answer").policies[0];
    // Older ones, so that the page shows the one whose secret opens.
    let before = first.created_at - SignedDuration::from_hours(1);
    for count in 2..=1_001 {
        let copy = Policy {
            id: parts.random.policy_id(before),
            ..first.clone()
        };
        let made = parts.store.create_policy(&copy, None).await;
        assert!(matches!(made, Ok(Created::New)), "{made:?}");
        if count >= 999 {
            let page = world.get(&format!("{POLICIES}?limit=1")).await;
            let counted = &page["pagination"]["totalResultSize"];
            assert_eq!(*counted, count.min(1_000));
        }
    }
}
