//! Sequence's routes beside Herald's own and the operator's: what those made of a policy, or of the
//! catalogue, its clients can still change, within the limits of all policies.

use crate::{
    created,
    event_types::{TYPES, add},
    keys,
    lune_creation::below,
    mail_test_deliveries::suspend,
    own_policies::OWN,
};
use herald::recipient::SuspensionReason;
use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

async fn add_types(world: &World, policy: &str, types: &[String]) -> Reply {
    let body = json!({ "notificationTypes": types });
    world
        .call(Method::POST, &format!("{policy}/notification-types"), body)
        .await
}

async fn remove_type(world: &World, policy: &str, name: &str) -> Reply {
    let path = format!("{policy}/notification-types/{name}");
    world.call(Method::DELETE, &path, json!(null)).await
}

/// Types that the operator adds for Sequence.
async fn operators(world: &World, number: usize) -> Vec<String> {
    let names: Vec<_> = (0..number).map(|n| format!("OURS_{n}")).collect();
    for name in &names {
        add(world, name, &["sequence"]).await;
    }
    names
}

fn first_error(reply: &Reply) -> &Value {
    &reply.json["errors"][0]["error"]
}

#[tokio::test]
async fn adding_a_recipient_again_revives_nobody_who_stopped_it() {
    for reason in [
        SuspensionReason::Unsubscribed,
        SuspensionReason::Complained,
        SuspensionReason::Bounced,
        SuspensionReason::ByHand,
    ] {
        let world = World::new().await;
        let recipients = json!(["jane@example.com"]);
        let policy = created(
            &world,
            json!({ "channel": "EMAIL", "recipients": recipients }),
        )
        .await;
        let own = policy.replace(crate::POLICIES, OWN);
        suspend(&world, &world.get(&own).await, reason).await;
        let suspended = world.get(&own).await;
        let body = json!({ "recipients": ["jane@example.com", "joe@example.com"] });
        let added = format!("{policy}/recipients");
        let added = world.call(Method::POST, &added, body.clone()).await;
        assert_eq!(added.status, 200, "{}", added.json);
        assert_eq!(added.json["recipients"], body["recipients"]);
        let shown = world.get(&own).await;
        assert_eq!(
            shown["recipients"][0], suspended["recipients"][0],
            "{reason:?}"
        );
        assert_eq!(shown["recipients"][0]["status"], "suspended");
        assert_eq!(shown["recipients"][1]["status"], "active");
        world.may_leave_messages();
    }
}

#[tokio::test]
async fn a_type_that_the_catalogue_lost_can_be_taken_off_a_policy() {
    let world = World::new().await;
    add(&world, "OURS", &["sequence"]).await;
    let types = json!({ "notificationTypes": ["INVOICE_ISSUED", "OURS"] });
    let policy = created(&world, types).await;
    let lost = format!("{TYPES}/OURS");
    let lost = world.operate(Method::DELETE, &lost, json!(null)).await;
    assert_eq!(lost.status, 204);
    let removed = remove_type(&world, &policy, "OURS").await;
    assert_eq!(removed.status, 200, "{}", removed.json);
    assert_eq!(removed.json["notificationTypes"], json!(["INVOICE_ISSUED"]));
    let again = remove_type(&world, &policy, "OURS").await;
    assert_eq!(
        (again.status.as_u16(), keys(&again)),
        (400, vec!["notificationType"])
    );
}

#[tokio::test]
async fn types_that_are_too_many_for_the_accounts_that_it_hears_of_are_told_so() {
    let world = World::new().await;
    let names = ["a", "b", "c", "d", "e", "f"];
    below(&world, names).await;
    let types = operators(&world, 83).await;
    let policy = created(&world, json!({})).await;
    let own = policy.replace(crate::POLICIES, OWN);
    let scope = json!({ "scope": { "accounts": names } });
    let given = world.call(Method::PATCH, &own, scope).await;
    assert_eq!(given.status, 200, "{}", given.json);
    let reply = add_types(&world, &policy, &types).await;
    assert_eq!(
        (reply.status.as_u16(), keys(&reply)),
        (400, vec!["notificationTypes"])
    );
    assert_eq!(
        first_error(&reply),
        "times the accounts that it hears of must be at most 500"
    );
    let few = add_types(&world, &policy, &types[1..]).await;
    assert_eq!(few.status, 200, "{}", few.json);
    world.may_leave_messages();
}

#[tokio::test]
async fn a_policy_names_no_more_types_however_often_some_are_added() {
    let world = World::new().await;
    let types = operators(&world, 100).await;
    let policy = created(&world, json!({})).await;
    let most = add_types(&world, &policy, &types[1..]).await;
    assert_eq!(most.status, 200, "{}", most.json);
    let reply = add_types(&world, &policy, &types[..1]).await;
    assert_eq!(
        (reply.status.as_u16(), keys(&reply)),
        (400, vec!["notificationTypes"])
    );
    assert_eq!(first_error(&reply), "must name at most 100 types");
    let again = add_types(&world, &policy, &types[1..]).await;
    assert_eq!(again.status, 200, "it has them all already");
    world.may_leave_messages();
}
