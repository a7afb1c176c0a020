//! `GET /api/v3/notification/webhooks`: filters, order, pages, fields; and what they cost.

use crate::{
    pulse_creation::{CREATED, WEBHOOKS, refused, webhook},
    roles::{give, with},
};
use herald::credential::Role;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const DELETED: &str = "workflow:projects:deleted";

pub(crate) async fn list(world: &World, query: &str) -> Reply {
    let path = format!("{WEBHOOKS}?{query}");
    world.call(Method::GET, &path, json!(null)).await
}

/// The ids of a list.
pub(crate) async fn ids(world: &World, query: &str) -> Vec<u64> {
    let reply = list(world, query).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.json);
    let webhooks = reply.json["data"].as_array().expect("webhooks");
    let id = |it: &Value| it["id"].as_str()?.parse().ok();
    webhooks.iter().map(|it| id(it).expect("an id")).collect()
}

/// Four webhooks, a second apart.
async fn four(world: &World) {
    for fields in [
        json!({ "name": "b", "secret": "s1" }),
        json!({ "name": "a", "secret": "s2", "events": [DELETED] }),
        json!({ "name": "b", "secret": "s3", "url": "https://hooks.example.com/other?a=1&b=[2]" }),
        json!({ "name": "c d,é", "secret": "s4", "events": [CREATED, DELETED] }),
    ] {
        webhook(world, fields).await;
        world.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn every_attribute_filters_exactly() {
    let world = World::new().await;
    four(&world).await;
    for (query, expected) in [
        ("filter[id]=2", &[2][..]),
        ("filter%5Bid%5D=2", &[2]),
        ("filter[id][]=3&filter[id][]=1&filter[id][]=9", &[1, 3]),
        ("filter%5Bid%5D%5B%5D=3&filter%5bid%5d%5b%5d=1", &[1, 3]),
        ("filter[id][0]=3&filter[id][1]=1", &[1, 3]),
        ("filter[account_id]=1", &[1, 2, 3, 4]),
        ("filter[account_id]=2", &[]),
        ("filter[name]=b", &[1, 3]),
        ("filter[name]=B", &[]),
        ("filter[name]=c+d%2C%C3%A9", &[4]),
        ("filter[name]=b&filter[id]=3", &[3]),
        (
            "filter[url]=https://hooks.example.com/other?a=1%26b=[2]",
            &[3],
        ),
        (
            "filter[url]=https%3A%2F%2Fhooks.example.com%2Fpulse",
            &[1, 2, 4],
        ),
        ("filter[secret]=s2", &[2]),
        ("filter[secret]=s", &[]),
        ("filter[events]=workflow:projects:deleted", &[2, 4]),
        ("filter[events][]=workflow:projects:created", &[1, 3, 4]),
        ("filter[scopes]=%7B%7D", &[1, 2, 3, 4]),
        ("filter[scopes]=x", &[]),
        ("filter[created_at]=2026-01-05T10:00:01Z", &[2]),
        ("filter[created_at]=2026-01-05T11:00:01%2B01:00", &[2]),
        (
            "filter[updated_at][]=2026-01-05T10:00:00Z&filter[updated_at][]=2026-01-05T10:00:03Z",
            &[1, 4],
        ),
        ("filter[created_at]=2026", &[]),
        ("filter[unheard_of]=x", &[1, 2, 3, 4]),
        ("filter[]=y&filter[a][b][c]=z", &[1, 2, 3, 4]),
        ("filter[id]=two", &[]),
        ("filter[id]=99999999999999999999999999", &[]),
        ("filter[id]=", &[]),
    ] {
        assert_eq!(ids(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn any_attribute_orders_and_then_the_next() {
    let world = World::new().await;
    four(&world).await;
    for (query, expected) in [
        ("", [1, 2, 3, 4]),
        ("sort=", [1, 2, 3, 4]),
        ("sort=-id", [4, 3, 2, 1]),
        ("sort=name", [2, 1, 3, 4]),
        ("sort=name,-id", [2, 3, 1, 4]),
        ("sort=-name,created_at", [4, 1, 3, 2]),
        ("sort=-name%2C-updated_at", [4, 3, 1, 2]),
        ("sort=account_id,scopes,-secret", [4, 3, 2, 1]),
        ("sort=-url", [1, 2, 4, 3]),
        ("sort=events,-id", [3, 1, 4, 2]),
    ] {
        assert_eq!(ids(&world, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = World::new().await;
    four(&world).await;
    for (query, expected) in [
        ("page[number]=1&page[size]=3", &[1, 2, 3][..]),
        ("page[number]=2&page[size]=3", &[4]),
        ("page%5Bnumber%5D=2&page%5Bsize%5D=3", &[4]),
        ("page[number]=3&page[size]=3", &[]),
        ("page[number]=18446744073709551615", &[]),
        ("page[size]=1000", &[1, 2, 3, 4]),
        ("page[size]=1&sort=-id", &[4]),
        ("page[]=1&page[x]=y", &[1, 2, 3, 4]),
    ] {
        assert_eq!(ids(&world, query).await, expected, "{query}");
    }
    for (query, count) in [
        ("count=true", 4),
        ("count=1&page[size]=2&filter[name]=b", 2),
    ] {
        let meta = &list(&world, query).await.json["meta"];
        assert_eq!(meta, &json!({ "count": count, "more": false }), "{query}");
    }
    let none = list(&world, "count=true&filter[id]=9").await.json;
    assert_eq!(
        none,
        json!({ "data": [], "meta": { "count": 0, "more": false } })
    );
    assert_eq!(list(&world, "count=false").await.json.get("meta"), None);
}

#[tokio::test]
async fn only_the_fields_that_are_asked_for_are_shown() {
    let world = World::new().await;
    webhook(&world, json!({ "secret": "hush" })).await;
    let all = list(&world, "").await.json["data"][0]["attributes"].clone();
    for (query, names) in [
        ("fields[notification/webhooks]=name", &["name"][..]),
        (
            "fields%5Bnotification%2Fwebhooks%5D=name%2Curl",
            &["name", "url"],
        ),
        (
            "fields[notification/webhooks][]=name&fields[notification/webhooks][]=events",
            &["name", "events"],
        ),
        (
            "fields[notification/webhooks]=id,type,unheard_of,secret",
            &["secret"],
        ),
        ("fields[notification/webhooks]=", &[]),
    ] {
        let shown: BTreeMap<_, _> = names
            .iter()
            .map(|&name| (name, all[name].clone()))
            .collect();
        let expected = json!({
            "type": "notification/webhooks", "id": "1", "attributes": shown,
        });
        let listed = list(&world, query).await.json;
        assert_eq!(listed["data"], json!([expected]), "{query}");
        let one = world.get(&format!("{WEBHOOKS}/1?{query}")).await;
        assert_eq!(one["data"], expected, "{query}");
    }
    let other = list(&world, "fields[others]=name").await.json;
    assert_eq!(other["data"][0]["attributes"], all);
}

#[tokio::test]
async fn every_parameter_that_breaks_a_rule_is_told() {
    let world = World::new().await;
    webhook(&world, json!({})).await;
    for (query, parameter) in [
        ("page[number]=0", "page[number]"),
        ("page[number]=-1", "page[number]"),
        ("page[number]=%2B1", "page[number]"),
        ("page[number]=one", "page[number]"),
        ("page[number]=", "page[number]"),
        ("page[number]=1.0", "page[number]"),
        ("page[number]=18446744073709551616", "page[number]"),
        ("page[size]=0", "page[size]"),
        ("page[size]=1001", "page[size]"),
        ("page%5Bsize%5D=x", "page[size]"),
        ("page=2", "page"),
        ("page[number=2", "page"),
        ("filter=x", "filter"),
        ("fields=name", "fields"),
        ("sort=size", "sort"),
        ("sort=name,--id", "sort"),
        ("count=yes", "count"),
        ("count=", "count"),
        ("included=account", "included"),
        ("included[]=account", "included"),
        ("included%5B%5D=account", "included"),
        ("include=account", "include"),
    ] {
        let reply = list(&world, query).await;
        assert_eq!(refused(&reply), [parameter], "{query}");
        let source = &reply.json["errors"][0]["source"];
        assert_eq!(source, &json!({ "parameter": parameter }));
    }
    let many = list(
        &world,
        "page[number]=0&page[size]=0&sort=x&count=x&included=x",
    )
    .await;
    assert_eq!(refused(&many).len(), 5, "all at once");
    for query in ["included[]=account", "include=account", "fields=name"] {
        let path = format!("{WEBHOOKS}/1?{query}");
        assert_eq!(
            refused(&world.call(Method::GET, &path, json!(null)).await).len(),
            1
        );
    }
    assert_eq!(
        ids(&world, "included=&included[]").await,
        [1],
        "nothing is asked"
    );
}

#[tokio::test]
async fn who_may_not_see_secrets_finds_nothing_by_them() {
    let world = World::new().await;
    four(&world).await;
    give(&world, Role::Read, "r").await;
    let get = async |query: &str| {
        let path = format!("{WEBHOOKS}?{query}");
        with(&world, "Bearer r", Method::GET, &path, json!(null))
            .await
            .json["data"]
            .clone()
    };
    assert_eq!(get("filter[secret]=s1").await, json!([]));
    let sorted = get("sort=-secret").await;
    let listed = sorted.as_array().expect("webhooks");
    assert_eq!(listed.len(), 4);
    assert_eq!(listed[0]["id"], "1", "their order tells nothing");
    assert!(
        listed
            .iter()
            .all(|it| it["attributes"].get("secret").is_none())
    );
    assert_eq!(
        get("fields[notification/webhooks]=secret").await[0]["attributes"],
        json!({})
    );
}
