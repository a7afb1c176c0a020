//! Who calls a mail unwanted hears nothing more of that policy, and only of that one.

use super::{mail_to, suppressed, tell};
use crate::email::inbox::{happen, only_mail, own_policy, path, suspensions};
use herald_local::world::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn who_complains_hears_nothing_more_of_the_policy() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com", "bob@example.com"]).await;
    happen(&world, "first").await;
    let other = own_policy(&world, &["ada@example.com"]).await;
    let mail = mail_to(&world, "ada@example.com");
    for _ in 0..2 {
        tell(&world, "complaint", &mail).await;
        assert_eq!(
            suspensions(&world, &policy).await,
            [json!("complained"), json!(null)]
        );
        assert_eq!(suspensions(&world, &other).await, [json!(null)]);
    }
    let shown = world.get(&path(&policy)).await;
    assert_eq!(
        shown["recipients"][0]["since"], "2026-01-05T10:00:01Z",
        "the first time"
    );
    assert!(suppressed(&world).await.is_empty(), "the mailbox is there");
    for delivery in world.deliveries("first").await {
        assert_eq!(delivery["status"], "delivered", "the mail has arrived");
    }
    happen(&world, "second").await;
    let mut heard = world.deliveries("second").await;
    heard.sort_by_key(|delivery| delivery["target"].to_string());
    let policies: Vec<_> = heard.iter().map(|delivery| &delivery["policyId"]).collect();
    assert_eq!(policies, [&other["id"], &policy["id"]]);
}

#[tokio::test]
async fn a_complaint_about_a_test_counts_and_a_test_is_refused_then() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    let test = format!("{}/test", path(&policy));
    world.call(Method::POST, &test, json!({})).await;
    tell(&world, "complaint", &only_mail(&world)).await;
    assert_eq!(suspensions(&world, &policy).await, [json!("complained")]);
    let tried = world.call(Method::POST, &test, json!({})).await;
    assert_eq!(tried.json["success"], false, "{}", tried.json);
    only_mail(&world);
}

#[tokio::test]
async fn taking_an_address_off_the_list_revives_nobody_who_complained() {
    let world = World::new().await;
    let policy = own_policy(&world, &["ada@example.com"]).await;
    happen(&world, "e").await;
    let mail = only_mail(&world);
    tell(&world, "complaint", &mail).await;
    tell(&world, "hard-bounce", &mail).await;
    assert_eq!(suppressed(&world).await, ["ada@example.com"]);
    let lift = "/herald/v1/suppressions/ada%40example.com";
    assert_eq!(
        world.call(Method::DELETE, lift, json!(null)).await.status,
        204
    );
    assert_eq!(suspensions(&world, &policy).await, [json!("complained")]);
}
