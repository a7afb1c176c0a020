//! A mail that came back for good: nobody in the tenant writes to its address again, until somebody
//! says that it is there after all.

use super::{SUPPRESSIONS, call_as, errors, mail_to, suppressed, tell};
use crate::email::inbox::{
    POLICIES, addresses, assert_stands, happen, mails, only_mail, own_policy, path, retry,
    sequence_policy, suspensions,
};
use herald::tenant::{Mode, Tenant};
use herald_local::world::{World, give_credential};
use http::Method;
use serde_json::{Value, json};

const USER_UNKNOWN: &str = "smtp; 550 5.1.1 user unknown";

#[tokio::test]
async fn a_hard_bounce_fails_the_delivery_and_stands_among_its_attempts() {
    let world = World::new().await;
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    let delivery = world.delivery("e").await;
    assert_stands(&delivery, "failed", "bounced");
    assert_eq!(delivery["endedAt"], "2026-01-05T10:00:01Z");
    let came_back = format!("the mail came back: {USER_UNKNOWN}");
    assert_eq!(errors(&delivery), [json!(null), json!(came_back)]);
    let attempts = &delivery["attempts"];
    assert_eq!(
        (&attempts[0]["number"], &attempts[1]["number"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(attempts[0]["statusCode"], 200);
    assert_eq!(attempts[1]["at"], "2026-01-05T10:00:01Z");
    assert_eq!(delivery["attemptCount"], 1);
    assert_eq!(delivery["recipient"]["reason"], "bounced");
    let listed = world.get(SUPPRESSIONS).await;
    let entry = json!({
        "address": "ada@example.com", "reason": "bounced", "error": USER_UNKNOWN,
        "since": "2026-01-05T10:00:01Z",
    });
    assert_eq!(listed["items"], json!([entry]));
}

#[tokio::test]
async fn the_address_is_suspended_in_every_policy_of_the_tenant_however_it_is_written() {
    let world = World::new().await;
    let first = own_policy(&world, &["ada@example.com", "bob@example.com"]).await;
    let second = sequence_policy(&world, &["eve@example.com", "Ada@EXAMPLE.com"]).await;
    happen(&world, "first").await;
    tell(&world, "hard-bounce", &mail_to(&world, "ada@example.com")).await;
    let (no, bounced) = (json!(null), json!("bounced"));
    assert_eq!(
        suspensions(&world, &first).await,
        [bounced.clone(), no.clone()]
    );
    assert_eq!(suspensions(&world, &second).await, [no, bounced]);
    assert_eq!(suppressed(&world).await, ["ada@example.com"]);
    happen(&world, "second").await;
    let heard = world.deliveries("second").await;
    let mut heard: Vec<_> = heard
        .iter()
        .map(|delivery| delivery["target"].clone())
        .collect();
    heard.sort_by_key(Value::to_string);
    assert_eq!(heard, ["bob@example.com", "eve@example.com"]);
}

#[tokio::test]
async fn other_tenants_and_the_other_mode_go_on_writing_to_the_address() {
    let world = World::new().await;
    let body = json!({ "name": "Other" });
    let other = world
        .operate(Method::POST, "/herald/v1/accounts", body)
        .await;
    let other = serde_json::from_value(other.json["id"].clone()).expect("an id");
    let strangers = [(other, Mode::Live), (world.tenant.account, Mode::Test)];
    let policy = json!({ "name": "P", "channel": "email", "recipients": ["ada@example.com"] });
    for (n, (account, mode)) in strangers.into_iter().enumerate() {
        let secret = format!("secret-{n}");
        let tenant = Tenant { account, mode };
        give_credential(&world.service.api, tenant, &format!("other{n}:{secret}")).await;
        let made = call_as(&world, &secret, Method::POST, POLICIES, policy.clone()).await;
        assert_eq!(made.status, 201);
    }
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    assert_eq!(suppressed(&world).await, ["ada@example.com"]);
    for n in 0..strangers.len() {
        let secret = format!("secret-{n}");
        let list = call_as(&world, &secret, Method::GET, SUPPRESSIONS, Value::Null).await;
        assert_eq!(list.json["items"], json!([]));
        let listed = call_as(&world, &secret, Method::GET, POLICIES, Value::Null).await;
        assert_eq!(listed.json["items"][0]["recipients"][0]["status"], "active");
        let event = json!({ "id": "e2", "type": "INVOICE_ISSUED" });
        call_as(&world, &secret, Method::POST, "/herald/v1/events", event).await;
        world.settle().await;
        assert_eq!(mails(&world).len(), 2 + n, "their mail was sent");
    }
}

#[tokio::test]
async fn a_policy_that_lists_the_address_later_is_suspended_at_its_first_mail() {
    let world = World::new().await;
    own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "first").await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    let later = sequence_policy(&world, &["ADA@example.com"]).await;
    assert_eq!(suspensions(&world, &later).await, [json!(null)]);
    happen(&world, "second").await;
    let delivery = world.delivery("second").await;
    assert_stands(&delivery, "failed", "bounced");
    let earlier = format!("the mail came back: an earlier one did: {USER_UNKNOWN}");
    assert_eq!(errors(&delivery), [json!(earlier)]);
    assert_eq!(suspensions(&world, &later).await, [json!("bounced")]);
    only_mail(&world);
    happen(&world, "third").await;
    assert!(world.deliveries("third").await.is_empty());
}

#[tokio::test]
async fn an_address_that_is_taken_off_the_list_hears_again() {
    let world = World::new().await;
    let policies = [
        own_policy(&world, &["ada@example.com"]).await,
        sequence_policy(&world, &["Ada@Example.com"]).await,
    ];
    happen(&world, "first").await;
    tell(&world, "hard-bounce", &mail_to(&world, "ada@example.com")).await;
    let lift = format!("{SUPPRESSIONS}/ADA%40example.com");
    for status in [204, 404] {
        let lifted = world.call(Method::DELETE, &lift, Value::Null).await;
        assert_eq!(lifted.status, status);
        assert!(suppressed(&world).await.is_empty());
        for policy in &policies {
            assert_eq!(suspensions(&world, policy).await, [json!(null)]);
        }
    }
    happen(&world, "second").await;
    for delivery in world.deliveries("second").await {
        assert_eq!(delivery["status"], "delivered", "{delivery}");
    }
    assert_eq!(addresses(&world).len(), 4);
}

#[tokio::test]
async fn what_came_back_can_be_sent_again_and_come_back_again() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    assert_eq!(
        retry(&world, "e").await.status,
        409,
        "its recipient is suspended"
    );
    let lift = format!("{SUPPRESSIONS}/ada%40example.com");
    world.call(Method::DELETE, &lift, Value::Null).await;
    assert_eq!(retry(&world, "e").await.status, 202);
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        (&delivery["status"], errors(&delivery).len()),
        (&json!("delivered"), 3)
    );
    tell(&world, "hard-bounce", &mail_to(&world, "ada@example.com")).await;
    let delivery = world.delivery("e").await;
    assert_stands(&delivery, "failed", "bounced");
    let numbers = delivery["attempts"].as_array().expect("attempts");
    let numbers: Vec<_> = numbers.iter().map(|made| made["number"].as_u64()).collect();
    assert_eq!(numbers, [1, 1, 2, 2].map(Some));
    assert_eq!(suspensions(&world, &policy).await, [json!("bounced")]);
}

#[tokio::test]
async fn a_hard_bounce_that_is_told_twice_is_one() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let mail = only_mail(&world);
    tell(&world, "hard-bounce", &mail).await;
    let (once, policy_once) = (world.delivery("e").await, world.get(&path(&policy)).await);
    let rows = world.rows_of(world.tenant.account).await;
    tell(&world, "hard-bounce", &mail).await;
    assert_eq!(world.delivery("e").await, once);
    assert_eq!(world.get(&path(&policy)).await, policy_once);
    assert_eq!(world.rows_of(world.tenant.account).await, rows);
}

#[tokio::test]
async fn a_test_mail_that_came_back_suppresses_its_address_and_no_delivery() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    let test = format!("{}/test", path(&policy));
    let tried = world.call(Method::POST, &test, json!({})).await;
    assert_eq!(tried.json["success"], true, "{}", tried.json);
    tell(&world, "hard-bounce", &only_mail(&world)).await;
    assert_eq!(suppressed(&world).await, ["ada@example.com"]);
    assert_eq!(suspensions(&world, &policy).await, [json!("bounced")]);
    assert_eq!(world.get("/herald/v1/deliveries").await["items"], json!([]));
    let tried = world.call(Method::POST, &test, json!({})).await;
    assert_eq!(tried.json["success"], false, "{}", tried.json);
    only_mail(&world);
}
