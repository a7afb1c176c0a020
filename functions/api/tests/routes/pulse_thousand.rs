//! As many of Pulse's webhooks as an account may have: what a list of them costs and holds, and that
//! there is no room for another, also at the same moment.

use crate::{
    own_policies::OWN,
    pulse_creation::{URL, WEBHOOKS, create, refused, webhook},
    pulse_lists::{ids, list},
};
use futures::future::join_all;
use herald::{
    policy::{Policy, Secrets},
    store::NumberedCreation,
};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::json;

/// Makes copies of the first webhook, each changed by its number, straight in the store: a request for
/// each would take three times as long.
async fn copies(world: &World, count: u64, change: impl Fn(&mut Policy, u64)) {
    let parts = &world.service.parts;
    let first = parts.store.numbered_policy(world.tenant, 1).await;
    let first = first.expect("an answer").expect("the first");
    let context = Policy::seal_context(first.owner, first.id);
    let sealed = &first.secrets.as_ref().expect("a secret").newest;
    let secret = parts.vault.open(&context, sealed).await.expect("it opens");
    for number in 1..=count {
        let id = parts.random.policy_id(first.created_at);
        let context = Policy::seal_context(first.owner, id);
        let sealed = parts.vault.seal(&context, &secret).await.expect("sealed");
        let mut copy = Policy {
            id,
            secrets: Some(Secrets::of(sealed)),
            ..first.clone()
        };
        change(&mut copy, number);
        let made = parts.store.create_numbered_policy(copy, None).await;
        assert!(matches!(made, Ok(NumberedCreation::New(_))), "{made:?}");
    }
}

#[tokio::test]
async fn a_page_that_no_answer_holds_is_refused() {
    let world = World::new().await;
    let long = format!("{URL}?{}", "x".repeat(1_900));
    let fields = json!({ "url": long, "secret": "\u{1}".repeat(1_024) });
    webhook(&world, fields).await;
    copies(&world, 379, |_, _| {}).await;
    assert_eq!(refused(&list(&world, "").await), ["page[size]"]);
    assert_eq!(ids(&world, "page[size]=300").await.len(), 300);
    let names = ids(&world, "fields[notification/webhooks]=name").await;
    assert_eq!(names.len(), 380);
}

#[tokio::test]
async fn a_thousand_webhooks() {
    let world = World::new().await;
    webhook(&world, json!({ "name": "w000" })).await;
    copies(&world, 999, |policy, number| {
        policy.name = format!("w{number:03}").parse().expect("a name");
    })
    .await;
    are_listed_with_a_few_reads(&world).await;
    leave_no_room_until_one_goes(&world).await;
}

async fn are_listed_with_a_few_reads(world: &World) {
    for (query, expected) in [
        ("", (1..=1_000).collect::<Vec<u64>>()),
        (
            "sort=-id&page[number]=4&page[size]=300",
            (1..=100).rev().collect(),
        ),
        ("page[number]=10&page[size]=100", (901..=1_000).collect()),
        ("page[number]=1001&page[size]=1", Vec::new()),
        (
            "filter[id][]=1000&filter[id][]=1&count=true",
            vec![1, 1_000],
        ),
    ] {
        world.wire.forget();
        assert_eq!(ids(world, query).await, expected, "{query}");
        let passed = world.wire.passed();
        // The credential, its account, and a query for each megabyte.
        assert_eq!(passed["GetItem"], 2, "{passed:?}");
        assert!(passed["Query"] <= 2, "{passed:?}");
        assert_eq!(passed.len(), 2, "{passed:?}");
    }
    let names = list(world, "sort=name&fields[notification/webhooks]=name")
        .await
        .json;
    let names = names["data"].as_array().expect("webhooks").iter();
    let names: Vec<_> = names.map(|it| it["attributes"]["name"].clone()).collect();
    let expected: Vec<_> = (0..1_000).map(|n| json!(format!("w{n:03}"))).collect();
    assert_eq!(names, expected);
    world.wire.forget();
    world.get(&format!("{WEBHOOKS}/777")).await;
    assert_eq!(
        world.wire.passed()["GetItem"],
        4,
        "and the number, and the policy"
    );
}

/// The one error of an answer that says there is no room.
fn is_full(reply: &Reply) -> bool {
    let error = json!({
        "status": "422",
        "title": "Verse::Error::CannotCreateRecord",
        "detail": "an account has at most 1000 webhooks in a mode",
    });
    reply.status == 422 && reply.json == json!({ "errors": [error] })
}

async fn leave_no_room_until_one_goes(world: &World) {
    assert!(is_full(&create(world, json!({})).await));
    let path = format!("{WEBHOOKS}/500");
    let deleted = world.call(Method::DELETE, &path, json!(null)).await;
    assert_eq!(deleted.status, 204);
    let made = join_all((0..4).map(|_| create(world, json!({})))).await;
    let full = made.iter().filter(|reply| is_full(reply)).count();
    assert_eq!(full, 3);
    // Herald's own routes delete what Pulse's count.
    let listed = world.get(&format!("{OWN}?dialect=pulse&limit=1")).await;
    let id = listed["items"][0]["id"].as_str().expect("an id").to_owned();
    let deleted = world
        .call(Method::DELETE, &format!("{OWN}/{id}"), json!(null))
        .await;
    assert_eq!(deleted.status, 204);
    assert_eq!(create(world, json!({})).await.status, 201);
    assert!(is_full(&create(world, json!({})).await));
}
