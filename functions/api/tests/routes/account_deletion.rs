//! Accounts that are deleted: closed at once, erased after a while.

use crate::{
    accounts::{ACCOUNTS, made, path},
    cybersource_creation::{WEBHOOKS, request},
    keys,
    lune_creation::below,
};
use futures::future::join;
use herald::{
    queue::{MAX_DELAY, QueueName},
    tenant::{Mode, Tenant},
};
use herald_local::world::{Reply, World, give_credential};
use http::Method;
use serde_json::{Value, json};

async fn delete(world: &World, account: &Value) -> Reply {
    world
        .operate(Method::DELETE, &path(account), json!(null))
        .await
}

/// Waits until what was deleted is erased.
async fn pass(world: &World) {
    world.settle().await;
    world.turn(MAX_DELAY).await;
}

#[tokio::test]
async fn an_account_with_one_in_use_below_it_is_not_deleted() {
    let world = World::new().await;
    let above = made(&world, json!({ "name": "Above" })).await;
    let below = made(&world, json!({ "name": "Below", "parentId": above["id"] })).await;
    for _ in 0..2 {
        let refused = delete(&world, &above).await;
        assert_eq!(refused.status, 409, "{}", refused.json);
        let shown = world.operate(Method::GET, &path(&above), json!(null)).await;
        assert_eq!(shown.json, above, "it stays as it is");
    }
    assert_eq!(delete(&world, &below).await.status, 202);
    let deleted = delete(&world, &above).await;
    assert_eq!(deleted.status, 202, "what is below is being erased");
    pass(&world).await;
    for account in [&above, &below] {
        let shown = world
            .operate(Method::GET, &path(account), json!(null))
            .await;
        assert_eq!(shown.status, 404, "{}", shown.json);
    }
}

#[tokio::test]
async fn an_account_that_is_erased_leaves_no_signpost_with_those_above() {
    let world = World::new().await;
    let [leaver, _] = below(&world, ["leaver", "neighbour"]).await;
    let parent = world.tenant.account;
    let subscribe = async |name: &str| {
        let body = request(name, &json!({}));
        let made = world.call(Method::POST, WEBHOOKS, body).await;
        assert_eq!(made.status, 201, "{}", made.json);
    };
    subscribe("neighbour").await;
    let before = world.rows_of(parent).await;
    subscribe("leaver").await;
    let deleted = delete(&world, &json!({ "id": leaver })).await;
    assert_eq!(deleted.status, 202, "{}", deleted.json);
    pass(&world).await;
    assert_eq!(world.rows_of(parent).await, before);
}

#[tokio::test]
async fn a_deletion_is_answered_with_what_is_being_erased_and_may_be_repeated() {
    let world = World::new().await;
    let account = made(&world, json!({ "name": "A", "externalId": "acme" })).await;
    let mut expected = account.clone();
    expected["status"] = json!("erasing");
    for _ in 0..2 {
        let deleted = delete(&world, &account).await;
        assert_eq!(
            (deleted.status.as_u16(), deleted.json),
            (202, expected.clone())
        );
        let shown = world
            .operate(Method::GET, &path(&account), json!(null))
            .await;
        assert_eq!((shown.status.as_u16(), shown.json), (200, expected.clone()));
    }
    assert_eq!(world.service.parts.queue.len(QueueName::Events), 2);
    pass(&world).await;
    assert_eq!(delete(&world, &account).await.status, 404);
    made(&world, json!({ "name": "B", "externalId": "acme" })).await;
}

#[tokio::test]
async fn an_account_that_is_being_erased_is_closed() {
    let world = World::new().await;
    let account = made(&world, json!({ "name": "A", "externalId": "acme" })).await;
    let one = path(&account);
    let credentials = format!("{one}/credentials");
    let give = json!({ "mode": "live", "role": "manage" });
    let given = world
        .operate(Method::POST, &credentials, give.clone())
        .await;
    let bearer = format!(
        "Bearer {}",
        given.json["secret"].as_str().expect("a secret")
    );
    let policies = "/api/notifications/policies";
    let ask = || crate::roles::with(&world, &bearer, Method::GET, policies, json!(null));
    assert_eq!(ask().await.status, 200);
    assert_eq!(delete(&world, &account).await.status, 202);
    assert_eq!(
        ask().await.status,
        401,
        "its credentials open nothing at once"
    );
    let renamed = world.operate(Method::PATCH, &one, json!({ "name": "B" }));
    assert_eq!(renamed.await.status, 409);
    let refused = world.operate(Method::POST, &credentials, give).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json["detail"], "the account is being erased");
    for name in [&account["id"], &json!("acme")] {
        let body = json!({ "name": "Below", "parentId": name });
        let below = world.operate(Method::POST, ACCOUNTS, body).await;
        assert_eq!(
            (below.status.as_u16(), keys(&below)),
            (400, vec!["parentId"])
        );
    }
    let id = given.json["id"].as_str().expect("an id");
    let one = format!("{credentials}/{id}");
    let revoked = world.operate(Method::DELETE, &one, json!(null)).await;
    assert_eq!(revoked.status, 204, "closing it further harms nobody");
    pass(&world).await;
    assert_eq!(ask().await.status, 401);
}

#[tokio::test]
async fn a_failure_of_ours_leaves_a_deletion_that_can_be_repeated() {
    for requests in 0.. {
        let world = World::new().await;
        let account = made(&world, json!({ "name": "A" })).await;
        let tenant = Tenant {
            account: serde_json::from_value(account["id"].clone()).expect("an id"),
            mode: Mode::Live,
        };
        give_credential(&world.service.api, tenant, "a:b").await;
        world.wire.cut_after(requests);
        let deleted = delete(&world, &account).await;
        let was_cut = world.wire.mend();
        assert_eq!(
            deleted.status,
            if was_cut { 500 } else { 202 },
            "{requests}"
        );
        assert_eq!(delete(&world, &account).await.status, 202);
        pass(&world).await;
        let shown = world
            .operate(Method::GET, &path(&account), json!(null))
            .await;
        assert_eq!(shown.status, 404, "{requests}");
        if !was_cut {
            assert!(requests > 3, "the deletion has more steps than {requests}");
            return;
        }
    }
}

#[tokio::test]
async fn no_account_in_use_is_left_below_one_that_is_deleted_at_the_same_moment() {
    let world = World::new().await;
    for round in 0..20 {
        let above = made(&world, json!({ "name": "Above" })).await;
        let body = json!({ "name": "Below", "parentId": above["id"] });
        let create = world.operate(Method::POST, ACCOUNTS, body);
        let (created, deleted) = join(create, delete(&world, &above)).await;
        let shown = world.operate(Method::GET, &path(&above), json!(null)).await;
        let told = [created, deleted].map(|reply| reply.status.as_u16());
        match shown.json["status"].as_str() {
            Some("active") => assert_eq!(told, [201, 409], "{round}"),
            _ => assert_eq!(told, [400, 202], "{round}"),
        }
    }
    pass(&world).await;
}
