//! Changes at the same moment: who names a version loses to who was faster, and who names none
//! loses nothing of what others changed.

use crate::{
    keys,
    own_policies::{OWN, create_own, own, path},
    own_policy_changes::{change, change_if},
};
use futures::future::join_all;
use herald_local::world::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn of_several_changes_of_one_version_one_wins() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let names = ["a", "b", "c", "d", "e"];
    let changes = names.map(|name| change_if(&world, &policy, &["\"1\""], json!({ "name": name })));
    let replies = join_all(changes).await;
    let won: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    let lost = replies.iter().filter(|reply| reply.status == 412).count();
    assert_eq!((won.len(), lost), (1, names.len() - 1));
    assert_eq!(world.get(&path(&policy)).await, won[0].json);
    assert_eq!(won[0].json["version"], 2);
}

#[tokio::test]
async fn parallel_changes_of_different_fields_lose_nothing() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let fields = [
        ("name", json!("Renamed")),
        ("description", json!("Why")),
        ("eventTypes", json!(["order.paid"])),
        ("recipients", json!(["https://hooks.example.com/new"])),
        ("timeoutSeconds", json!(7)),
        ("headers", json!({ "X-A": "a" })),
        ("contact", json!("ops@example.com")),
        ("metadata", json!({ "a": "b" })),
    ];
    let changes = fields
        .iter()
        .map(|(name, value)| change(&world, &policy, json!({ *name: value })));
    for reply in join_all(changes).await {
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
    let shown = world.get(&path(&policy)).await;
    for (name, value) in &fields {
        match *name {
            "recipients" => assert_eq!(shown[name][0]["target"], value[0]),
            name => assert_eq!(shown[name], *value, "{name}"),
        }
    }
    assert_eq!(shown["version"], fields.len() + 1);
    world.settle().await;
}

#[tokio::test]
async fn a_recipient_that_is_suspended_meanwhile_stays_so() {
    let world = World::new().await;
    let urls = ["https://hooks.example.com/a", "https://hooks.example.com/b"];
    let policy = own(&world, json!({ "recipients": urls })).await;
    let suspended =
        json!({ "recipients": [{ "target": urls[0], "status": "suspended" }, urls[1]] });
    let names = (0..5).map(|n| {
        change(
            &world,
            &policy,
            json!({ "name": n.to_string(), "recipients": urls }),
        )
    });
    let (suspension, names) = futures::join!(change(&world, &policy, suspended), join_all(names));
    assert!(
        names
            .iter()
            .chain([&suspension])
            .all(|reply| reply.status == 200)
    );
    let shown = world.get(&path(&policy)).await;
    assert_eq!(shown["recipients"][0]["status"], "suspended");
    assert_eq!(shown["recipients"][0]["id"], policy["recipients"][0]["id"]);
}

#[tokio::test]
async fn parallel_changes_of_the_types_leave_one_of_them_and_its_events_are_heard() {
    let world = World::new().await;
    let policy = own(&world, json!({ "eventTypes": ["order.placed"] })).await;
    let types = [
        "order.paid",
        "order.failed",
        "order.completed",
        "allocation.new",
    ];
    let changes = types.map(|name| change(&world, &policy, json!({ "eventTypes": [name] })));
    for reply in join_all(changes).await {
        assert_eq!(reply.status, 200, "{}", reply.json);
    }
    let named = world.get(&path(&policy)).await["eventTypes"][0].clone();
    for name in types.into_iter().chain(["order.placed"]) {
        let body = json!({ "id": name, "type": name });
        assert_eq!(
            world
                .call(Method::POST, "/herald/v1/events", body)
                .await
                .status,
            202
        );
        let fanned = world.service.step(herald::queue::QueueName::Events).await;
        assert_eq!(fanned.expect("a step"), 1);
        let heard = world.deliveries(name).await.len();
        assert_eq!(heard, usize::from(named == name), "{name}");
    }
    world.may_leave_messages();
}

#[tokio::test]
async fn a_deletion_at_the_same_moment_ends_every_change() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    let gone = path(&policy);
    let changes = (0..10).map(|n| change(&world, &policy, json!({ "name": n.to_string() })));
    let deletion = world.call(Method::DELETE, &gone, json!(null));
    let (changes, deletion) = futures::join!(join_all(changes), deletion);
    assert_eq!(deletion.status, 204);
    for reply in changes {
        assert!(
            [200, 404].contains(&reply.status.as_u16()),
            "{}",
            reply.json
        );
    }
    assert_eq!(
        world.call(Method::GET, &gone, json!(null)).await.status,
        404
    );
    assert_eq!(world.get(OWN).await["items"], json!([]));
    world.settle().await;
}

#[tokio::test]
async fn policies_that_are_made_at_the_same_moment_are_all_there() {
    let world = World::new().await;
    let made =
        join_all((0..20).map(|n| create_own(&world, json!({ "name": n.to_string() })))).await;
    assert!(made.iter().all(|reply| reply.status == 201));
    let listed = world.get(&format!("{OWN}?limit=100")).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(20));
    let refused = world
        .call(Method::GET, &format!("{OWN}?limit=101"), json!(null))
        .await;
    assert_eq!(keys(&refused), ["limit"]);
}
