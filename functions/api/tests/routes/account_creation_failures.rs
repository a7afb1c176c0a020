//! Our own failures while the operator makes something: all of it is there afterwards, or nothing.

use crate::accounts::{ACCOUNTS, made, path};
use herald_local::world::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn an_account_is_made_whole_or_not_at_all() {
    for requests in 0.. {
        let world = World::new().await;
        let above = made(&world, json!({ "name": "Above" })).await;
        let id = above["id"].as_str().expect("an id");
        let body = json!({ "name": "A", "externalId": "acme", "parentId": id });
        world.wire.cut_after(requests);
        let first = world.operate(Method::POST, ACCOUNTS, body.clone()).await;
        let was_cut = world.wire.mend();
        let again = world.operate(Method::POST, ACCOUNTS, body).await;
        let told = (first.status.as_u16(), again.status.as_u16());
        assert_eq!(told, if was_cut { (500, 201) } else { (201, 409) });
        for query in ["externalId=acme", &format!("parentId={id}")] {
            let path = format!("{ACCOUNTS}?{query}");
            let listed = world.operate(Method::GET, &path, json!(null)).await;
            let count = listed.json["items"].as_array().map(Vec::len);
            assert_eq!(count, Some(1), "{query}, stopped after {requests}");
        }
        if !was_cut {
            assert!(requests > 2, "it has more steps than {requests}");
            return;
        }
    }
}

#[tokio::test]
async fn a_credential_is_made_whole_or_not_at_all() {
    for requests in 0.. {
        let world = World::new().await;
        let account = made(&world, json!({ "name": "A" })).await;
        let path = format!("{}/credentials", path(&account));
        let body = json!({ "mode": "live", "role": "read" });
        world.wire.cut_after(requests);
        let reply = world.operate(Method::POST, &path, body).await;
        let was_cut = world.wire.mend();
        let listed = world.operate(Method::GET, &path, json!(null)).await;
        let count = listed.json["items"].as_array().map(Vec::len);
        let told = (reply.status.as_u16(), count);
        let expected = if was_cut {
            (500, Some(0))
        } else {
            (201, Some(1))
        };
        assert_eq!(told, expected, "stopped after {requests}");
        if !was_cut {
            assert!(requests > 0, "it has more steps than {requests}");
            return;
        }
    }
}
