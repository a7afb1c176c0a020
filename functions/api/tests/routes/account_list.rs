//! The list of accounts, and paths that lead to none.

use crate::{
    accounts::{ACCOUNTS, made, path},
    keys,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

/// The names of a list, page by page.
async fn listed(world: &World, query: &str) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("{ACCOUNTS}?{query}{after}");
        let reply = world.operate(Method::GET, &path, json!(null)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.json);
        let items = reply.json["items"].as_array().expect("items").iter();
        let name = |item: &Value| item["name"].as_str().expect("a name").to_owned();
        pages.push(items.map(name).collect());
        match reply.json["pagination"]["after"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn accounts_are_listed_in_pages_all_or_those_below_one() {
    let world = World::new().await;
    let mut accounts: Vec<Value> = Vec::new();
    for (name, parent) in [("A", None), ("B", Some(0)), ("C", Some(0)), ("D", Some(1))] {
        world.clock.advance(std::time::Duration::from_secs(1));
        let parent = parent.map(|index: usize| accounts[index]["id"].clone());
        let body = json!({ "name": name, "externalId": name, "parentId": parent });
        let account = made(&world, body).await;
        accounts.push(account);
    }
    let all = listed(&world, "limit=2").await;
    assert_eq!(all.concat(), ["First account", "A", "B", "C", "D"]);
    assert_eq!(all[0].len(), 2);
    let id = |index: usize| accounts[index]["id"].as_str().expect("an id");
    for (query, expected) in [
        (format!("parentId={}", id(0)), vec!["B", "C"]),
        (format!("parentId={}&limit=1", id(0)), vec!["B", "C"]),
        (format!("parentId={}", id(1)), vec!["D"]),
        (format!("parentId={}", id(3)), vec![]),
        ("externalId=D".to_owned(), vec!["D"]),
        ("externalId=d".to_owned(), vec![]),
        (format!("externalId=D&parentId={}", id(1)), vec!["D"]),
        (format!("externalId=D&parentId={}", id(0)), vec![]),
    ] {
        assert_eq!(listed(&world, &query).await.concat(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_that_is_empty_has_its_shape_all_the_same() {
    let world = World::new().await;
    let path = format!("{ACCOUNTS}?externalId=nobody");
    let reply = world.operate(Method::GET, &path, json!(null)).await;
    assert_eq!(reply.json, json!({ "items": [], "pagination": {} }));
}

#[tokio::test]
async fn every_rule_of_the_list_names_its_parameter() {
    let world = World::new().await;
    let cursor_of_another_list = herald::page_cursor::encode(&("a", 1));
    for (query, expected) in [
        ("limit=0", vec!["limit"]),
        ("limit=101", vec!["limit"]),
        ("limit=x", vec!["limit"]),
        ("after=x", vec!["after"]),
        (&format!("after={cursor_of_another_list}"), vec!["after"]),
        ("parentId=acme", vec!["parentId"]),
        ("externalId=", vec!["externalId"]),
        ("externalId=%C3%A9", vec!["externalId"]),
        ("name=A", vec!["name"]),
        (
            "page=1&limit=no&parentId=x",
            vec!["page", "parentId", "limit"],
        ),
    ] {
        let path = format!("{ACCOUNTS}?{query}");
        let reply = world.operate(Method::GET, &path, json!(null)).await;
        let told = (reply.status.as_u16(), keys(&reply));
        assert_eq!(told, (400, expected), "{query}: {}", reply.json);
    }
}

#[tokio::test]
async fn a_path_that_names_no_account_leads_nowhere() {
    let world = World::new().await;
    let nobody = "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90";
    let long = "x".repeat(10_000);
    let account = made(&world, json!({ "name": "A" })).await;
    let deep = format!("{}/x", path(&account));
    for name in [
        nobody, &long, "%ff", "%00", "%20", "é", "..", "%2e%2e", "{id}",
    ] {
        let name: String = url_safe(name);
        let one = format!("{ACCOUNTS}/{name}");
        let credentials = format!("{one}/credentials");
        let rename = json!({ "name": "B" });
        let give = json!({ "mode": "live", "role": "read" });
        for (method, path, body) in [
            (Method::GET, one.clone(), json!(null)),
            (Method::PATCH, one.clone(), rename),
            (Method::DELETE, one, json!(null)),
            (Method::GET, credentials.clone(), json!(null)),
            (Method::POST, credentials.clone(), give),
            (Method::DELETE, format!("{credentials}/c"), json!(null)),
        ] {
            let reply = world.operate(method.clone(), &path, body).await;
            assert_eq!(reply.status, 404, "{method} {path:.60}: {}", reply.json);
        }
    }
    for path in [&deep, &format!("{ACCOUNTS}/"), &format!("{ACCOUNTS}//x")] {
        let reply = world.operate(Method::GET, path, json!(null)).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.json);
    }
    let wrong = world.operate(Method::PUT, ACCOUNTS, json!(null)).await;
    assert_eq!(wrong.status, 405);
}

/// What a URI can hold of a name.
fn url_safe(name: &str) -> String {
    name.replace('é', "%C3%A9")
        .replace('{', "%7B")
        .replace('}', "%7D")
}
