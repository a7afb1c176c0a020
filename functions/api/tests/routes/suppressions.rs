//! The addresses that nothing is sent to, because a mail came back.

use crate::{
    mail_test_deliveries::{mails, suspend},
    own_policies::{own, path},
    refuse_queries,
    roles::with,
};
use herald::{
    recipient::SuspensionReason,
    suppression::Suppression,
    tenant::{Mode, Tenant},
};
use herald_local::world::{World, give_credential};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const LIST: &str = "/herald/v1/suppressions";

pub(crate) async fn suppress(world: &World, owner: Tenant, address: &str) {
    let entry = Suppression {
        address: address.parse().expect("an address"),
        since: world.service.parts.clock.now(),
        error: "550 no such <mailbox>".to_owned(),
    };
    let kept = world.service.parts.store.suppress(owner, &entry).await;
    kept.expect("the store answers");
}

async fn lift(world: &World, address: &str) -> StatusCode {
    let path = format!("{LIST}/{address}");
    world.call(Method::DELETE, &path, json!(null)).await.status
}

async fn addresses(world: &World) -> Vec<String> {
    let listed = world.get(LIST).await;
    let items = listed["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["address"].as_str().expect("an address").to_owned())
        .collect()
}

async fn mail_policy(world: &World, addresses: &[&str]) -> Value {
    own(
        world,
        json!({ "channel": "email", "recipients": addresses }),
    )
    .await
}

async fn status(world: &World, policy: &Value) -> Value {
    world.get(&path(policy)).await["recipients"][0]["status"].clone()
}

#[tokio::test]
async fn the_list_says_which_address_since_when_and_why() {
    let world = World::new().await;
    assert_eq!(
        world.get(LIST).await,
        json!({ "items": [], "pagination": {} })
    );
    suppress(&world, world.tenant, "Jane@Example.com").await;
    let expected = json!({
        "address": "Jane@Example.com", "reason": "bounced", "since": "2026-01-05T10:00:00Z",
        "error": "550 no such <mailbox>",
    });
    assert_eq!(
        world.get(LIST).await,
        json!({ "items": [expected], "pagination": {} })
    );
}

#[tokio::test]
async fn the_list_is_paged_by_address() {
    let world = World::new().await;
    let all: Vec<_> = (0..7).map(|n| format!("{n}@example.com")).collect();
    for address in all.iter().rev() {
        suppress(&world, world.tenant, address).await;
    }
    let (mut found, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = world.get(&format!("{LIST}?{query}")).await;
        let items = page["items"].as_array().expect("items").clone();
        found.extend(
            items
                .iter()
                .map(|item| item["address"].as_str().expect("a text").to_owned()),
        );
        match page["pagination"]["after"].as_str() {
            Some(after) => query = format!("limit=3&after={after}"),
            None => break,
        }
    }
    assert_eq!(found, all);
    let cases = [("limit=x", "limit"), ("after=x", "after"), ("q=x", "q")];
    refuse_queries(&world, LIST, &cases).await;
}

#[tokio::test]
async fn nothing_is_sent_to_a_listed_address_until_it_is_taken_off() {
    let world = World::new().await;
    let policy = mail_policy(&world, &["jane@example.com"]).await;
    suppress(&world, world.tenant, "JANE@example.com").await;
    world.report("one").await;
    world.settle().await;
    assert_eq!(mails(&world), [""; 0]);
    let recipient = world.get(&path(&policy)).await["recipients"][0].clone();
    assert_eq!(
        (&recipient["status"], &recipient["reason"]),
        (&json!("suspended"), &json!("bounced"))
    );
    assert_eq!(lift(&world, "Jane%40Example.com").await, 204);
    assert_eq!(
        world.get(&path(&policy)).await["recipients"],
        policy["recipients"]
    );
    world.report("two").await;
    world.settle().await;
    assert_eq!(mails(&world).len(), 1);
    assert_eq!(addresses(&world).await, [""; 0]);
    assert_eq!(lift(&world, "jane%40example.com").await, 404);
}

#[tokio::test]
async fn taking_an_address_off_revives_whom_a_bounce_suspended_and_nobody_else() {
    for reason in [
        SuspensionReason::Bounced,
        SuspensionReason::Unsubscribed,
        SuspensionReason::Complained,
        SuspensionReason::ByHand,
    ] {
        let world = World::new().await;
        let meant = mail_policy(&world, &["jane@example.com", "joe@example.com"]).await;
        let spelt = mail_policy(&world, &["Jane@example.com"]).await;
        let other = mail_policy(&world, &["joe@example.com"]).await;
        for policy in [&meant, &spelt] {
            suspend(&world, policy, reason).await;
        }
        suspend(&world, &other, SuspensionReason::Bounced).await;
        suppress(&world, world.tenant, "jane@example.com").await;
        assert_eq!(lift(&world, "jane@example.com").await, 204);
        let is_revived = reason == SuspensionReason::Bounced;
        let expected = json!(if is_revived { "active" } else { "suspended" });
        for policy in [&meant, &spelt] {
            assert_eq!(status(&world, policy).await, expected, "{reason:?}");
        }
        assert_eq!(status(&world, &other).await, "suspended", "another mailbox");
    }
}

#[tokio::test]
async fn whom_the_list_would_suspend_again_a_change_does_not_revive() {
    let world = World::new().await;
    let policy = mail_policy(&world, &["jane@example.com"]).await;
    suspend(&world, &policy, SuspensionReason::Bounced).await;
    suppress(&world, world.tenant, "jane@example.com").await;
    let body = json!({ "recipients": [{ "target": "jane@example.com", "status": "active" }] });
    let own = format!(
        "/herald/v1/policies/{}",
        policy["id"].as_str().expect("an id")
    );
    let refused = world.call(Method::PATCH, &own, body.clone()).await;
    assert_eq!(refused.status, 409, "{}", refused.json);
    assert_eq!(status(&world, &policy).await, "suspended");
    assert_eq!(lift(&world, "jane@example.com").await, 204);
    let done = world.call(Method::PATCH, &own, body).await;
    assert_eq!(done.status, 200, "{}", done.json);
}

#[tokio::test]
async fn whoever_was_suspended_without_an_entry_is_revived_too() {
    let world = World::new().await;
    let policy = mail_policy(&world, &["jane@example.com"]).await;
    suspend(&world, &policy, SuspensionReason::Bounced).await;
    assert_eq!(lift(&world, "jane@example.com").await, 204);
    assert_eq!(status(&world, &policy).await, "active");
    assert_eq!(lift(&world, "jane@example.com").await, 404);
}

#[tokio::test]
async fn an_odd_address_can_be_taken_off() {
    let world = World::new().await;
    for (address, encoded) in [
        ("a+b@example.com", "a+b@example.com"),
        ("a+b@example.com", "a%2Bb%40example.com"),
        ("a%b@example.com", "a%25b@example.com"),
        ("a/b@example.com", "a%2Fb@example.com"),
        ("a/b/c@example.com", "a/b/c@example.com"),
        ("a?b#c@example.com", "a%3Fb%23c@example.com"),
        ("{a|b}@example.com", "%7Ba%7Cb%7D@example.com"),
    ] {
        suppress(&world, world.tenant, address).await;
        assert_eq!(lift(&world, encoded).await, 204, "{encoded}");
    }
    assert_eq!(addresses(&world).await, [""; 0]);
    for odd in [
        "nobody@example.com",
        "nobody",
        "%ff",
        "%00",
        "a%0D%0Ab@example.com",
        &"x".repeat(5_000),
    ] {
        assert_eq!(lift(&world, odd).await, 404, "{odd:.40}");
    }
}

#[tokio::test]
async fn a_tenant_has_a_list_of_its_own() {
    let world = World::new().await;
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    give_credential(&world.service.api, test, "other:other-secret").await;
    let policy = mail_policy(&world, &["jane@example.com"]).await;
    suspend(&world, &policy, SuspensionReason::Bounced).await;
    suppress(&world, world.tenant, "jane@example.com").await;
    let ask = async |method, path: String| {
        with(&world, "Bearer other-secret", method, &path, json!(null)).await
    };
    assert_eq!(
        ask(Method::GET, LIST.to_owned()).await.json["items"],
        json!([])
    );
    let lifted = ask(Method::DELETE, format!("{LIST}/jane@example.com")).await;
    assert_eq!(lifted.status, 404);
    assert_eq!(addresses(&world).await, ["jane@example.com"]);
    assert_eq!(status(&world, &policy).await, "suspended");
    suppress(&world, test, "jane@example.com").await;
    assert_eq!(lift(&world, "jane@example.com").await, 204);
    let listed = ask(Method::GET, LIST.to_owned()).await.json;
    assert_eq!(listed["items"][0]["address"], "jane@example.com");
}

#[tokio::test]
async fn a_repetition_does_what_a_crash_left_undone() {
    for requests in 0.. {
        let world = World::new().await;
        let policies = [
            mail_policy(&world, &["jane@example.com"]).await,
            mail_policy(&world, &["JANE@example.com"]).await,
        ];
        for policy in &policies {
            suspend(&world, policy, SuspensionReason::Bounced).await;
        }
        suppress(&world, world.tenant, "jane@example.com").await;
        world.wire.cut_after(requests);
        let status_then = lift(&world, "jane@example.com").await;
        if !world.wire.mend() {
            assert_eq!(status_then, 204);
            break;
        }
        assert_eq!(status_then, 500);
        let again = lift(&world, "jane@example.com").await.as_u16();
        assert!([204, 404].contains(&again), "{again}");
        for policy in &policies {
            assert_eq!(
                status(&world, policy).await,
                "active",
                "cut after {requests}"
            );
        }
        assert_eq!(addresses(&world).await, [""; 0]);
    }
}
