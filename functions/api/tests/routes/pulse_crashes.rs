//! The wire is cut after every single request of a creation and of a deletion of Pulse's webhooks:
//! what is listed is what is found by its id, and repeating makes what was asked for, once.

use crate::pulse_creation::{WEBHOOKS, attributes, document, path, webhook};
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::json;

async fn create(world: &World) -> Reply {
    let request = World::request(Method::POST, WEBHOOKS).header("idempotency-key", "k");
    let body = document(&attributes(&json!({ "name": "Second" })));
    let request = request.body(body.to_string().into());
    world.send(request.expect("a request")).await
}

/// Asserts that each webhook that is listed is found, and how many there are.
async fn assert_listed(world: &World, count: usize) {
    let listed = world.get(WEBHOOKS).await;
    let listed = listed["data"].as_array().expect("webhooks").clone();
    assert_eq!(listed.len(), count);
    for one in listed {
        assert_eq!(world.get(&path(&one)).await["data"], one);
    }
}

#[tokio::test]
async fn a_creation_that_stops_anywhere_makes_one_webhook_when_it_is_repeated() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        webhook(&world, json!({ "name": "First" })).await;
        world.wire.cut_after(requests);
        let first = create(&world).await;
        let is_cut = world.wire.mend();
        assert_eq!(first.status.is_server_error(), is_cut, "{}", first.json);
        assert_listed(&world, if is_cut { 1 } else { 2 }).await;
        let again = create(&world).await;
        assert_eq!(again.status, 201, "cut after {requests}: {}", again.json);
        assert_eq!(again.json["data"]["id"], "2", "no number is lost");
        assert_listed(&world, 2).await;
        if !is_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 4, "a creation has more steps than {stops}");
}

#[tokio::test]
async fn a_deletion_that_stops_anywhere_is_done_when_it_is_repeated() {
    for requests in 0.. {
        let world = World::new().await;
        let made = webhook(&world, json!({ "name": "First" })).await;
        world.wire.cut_after(requests);
        let first = world.call(Method::DELETE, &path(&made), json!(null)).await;
        let is_cut = world.wire.mend();
        assert_eq!(first.status.is_server_error(), is_cut, "{}", first.json);
        let again = world.call(Method::DELETE, &path(&made), json!(null)).await;
        assert!(matches!(again.status.as_u16(), 204 | 404), "{}", again.json);
        assert_listed(&world, 0).await;
        assert_eq!(webhook(&world, json!({})).await["id"], "2");
        world.settle().await;
        if !is_cut {
            return;
        }
    }
}
