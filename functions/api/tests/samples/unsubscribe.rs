//! The pages behind the link "Unsubscribe", on the way through the gateway.

use crate::answer::{Answer, Ask};
use herald::{
    recipient::RecipientStatus,
    unsubscribe::{PATH, UnsubscribeToken},
};
use herald_local::world::{samples::sample, stage::Stage};
use serde_json::Value;

/// Hands a sample to a stage, with the token of its policy's recipient.
async fn follow(stage: &Stage, case: &str) -> Answer {
    let policy = stage.policy(1, &["https://hooks.example.com/a"]).await;
    let token = UnsubscribeToken {
        owner: policy.owner,
        policy: policy.id,
        recipient: policy.recipients[0].id.clone(),
    };
    let token = token.sign(&stage.world.service.parts.vault).await;
    let mut event: Value = serde_json::from_str(&sample("api", case)).expect("JSON");
    event["rawPath"] = format!("{PATH}{}", token.expect("a token")).into();
    stage.answer(&event.to_string()).await
}

async fn status(stage: &Stage) -> RecipientStatus {
    let id = "019b8d99-6900-7000-8000-000000000001"
        .parse()
        .expect("an id");
    let policy = stage
        .world
        .service
        .parts
        .store
        .policy(stage.tenant, id)
        .await;
    policy.expect("the store").expect("the policy").recipients[0].status
}

#[tokio::test]
async fn a_forged_link_leads_to_a_page_that_says_so() {
    let stage = Stage::set().await;
    stage.policy(1, &["https://hooks.example.com/a"]).await;
    for case in ["unsubscribe-page", "unsubscribe-forged"] {
        let answer = stage.sample(case).await;
        assert_eq!(answer.status, 404, "{answer}");
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(answer.headers.contains_key("content-security-policy"));
        let page = answer.body.as_str().expect("a page");
        assert!(
            page.contains("This link is not valid") && page.contains("Example"),
            "{page}"
        );
    }
    assert_eq!(status(&stage).await, RecipientStatus::Active);
}

#[tokio::test]
async fn a_true_link_asks_first_and_acts_when_it_is_posted_to() {
    let stage = Stage::set().await;
    let asked = follow(&stage, "unsubscribe-page").await;
    assert_eq!(asked.status, 200, "{asked}");
    assert!(
        asked
            .body
            .as_str()
            .is_some_and(|page| page.contains("<form method=\"post\">"))
    );
    assert_eq!(status(&stage).await, RecipientStatus::Active);
    let done = follow(&stage, "unsubscribe-forged").await;
    assert_eq!(done.status, 200, "{done}");
    assert_ne!(status(&stage).await, RecipientStatus::Active);
}
