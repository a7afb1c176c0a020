//! `GET /v1/webhooks`: a bare array, filtered by the accounts whose events are pushed.

use crate::{
    created,
    lune_creation::{URL, WEBHOOKS, below, second, told, webhook},
    own_policies,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

async fn ids(world: &World, query: &str) -> Vec<Value> {
    second(world);
    let list = world.get(&format!("{WEBHOOKS}?{query}")).await;
    let items = list.as_array();
    let items = items.unwrap_or_else(|| panic!("no array: {list}"));
    items.iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn webhooks_alone_are_listed_the_newest_first() {
    let world = World::new().await;
    assert_eq!(world.get(WEBHOOKS).await, json!([]));
    created(&world, json!({})).await;
    own_policies::own(&world, json!({})).await;
    let first = webhook(&world, json!({ "url": URL })).await;
    second(&world);
    let last = webhook(&world, json!({ "url": URL })).await;
    let expected = [&last["id"], &first["id"]];
    assert_eq!(ids(&world, "").await.iter().collect::<Vec<_>>(), expected);
    assert_eq!(ids(&world, "limit=1&after=x").await.len(), 2, "no pages");
}

#[tokio::test]
async fn a_filter_finds_what_pushes_for_any_of_its_accounts() {
    let world = World::new().await;
    let [left, right] = below(&world, ["left", "right"]).await;
    let make = async |body: Value| {
        second(&world);
        webhook(&world, body).await["id"].take()
    };
    let all = make(json!({ "url": URL })).await;
    let of_left = make(json!({ "url": URL, "account_ids": [left] })).await;
    let of_both = make(json!({ "url": URL, "account_ids": [left, right] })).await;
    let own = world.tenant.account;
    let left = left.as_str().expect("an id");
    for (query, expected) in [
        (format!("account_id={left}"), vec![&of_both, &of_left, &all]),
        ("account_id=right".to_owned(), vec![&of_both, &all]),
        (format!("account_id={own}"), vec![&all]),
        (
            format!("account_id={own}&account_id=right"),
            vec![&of_both, &all],
        ),
        ("account_id=nobody".to_owned(), vec![]),
        ("account_id=".to_owned(), vec![]),
        (
            "account_id=nobody&account_id=left".to_owned(),
            vec![&of_both, &of_left, &all],
        ),
        ("account_id=%ff".to_owned(), vec![]),
        ("other=x".to_owned(), vec![&of_both, &of_left, &all]),
    ] {
        let found = ids(&world, &query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

#[tokio::test]
async fn an_account_beside_the_caller_is_no_filter() {
    let world = World::new().await;
    below(&world, ["left", "right"]).await;
    webhook(&world, json!({ "url": URL })).await;
    let request = World::request(Method::GET, &format!("{WEBHOOKS}?account_id=right"));
    let request = request.header("lune-account", "left").body("".into());
    let reply = world.send(request.expect("a request")).await;
    assert_eq!((reply.status.as_u16(), reply.json), (200, json!([])));
}

#[tokio::test]
async fn a_filter_names_no_more_accounts_than_a_webhook() {
    let world = World::new().await;
    let query: Vec<_> = (0..101).map(|n| format!("account_id={n}")).collect();
    let path = format!("{WEBHOOKS}?{}", query.join("&"));
    let reply = world.call(Method::GET, &path, json!(null)).await;
    let message = "account_id must name at most 100 accounts";
    assert_eq!(told(&reply), (400, "validation_error", message));
    let same = format!("{WEBHOOKS}?{}", ["account_id=x"; 101].join("&"));
    assert_eq!(world.get(&same).await, json!([]));
}
