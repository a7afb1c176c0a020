//! `retryPolicy` of CyberSource's subscriptions: said, left out and changed.

use crate::cybersource_creation::{path, subscription};
use herald_local::world::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn numbers_and_flags_may_come_as_texts() {
    let world = World::new().await;
    let retry = json!({
        "algorithm": "GEOMETRIC", "firstRetry": "10", "interval": "30", "numberOfRetries": "3",
        "deactivateFlag": "true", "repeatSequenceCount": "1", "repeatSequenceWaitTime": "60",
    });
    let made = subscription(&world, json!({ "retryPolicy": retry })).await;
    let expected = json!({
        "algorithm": "GEOMETRIC", "firstRetry": 10, "interval": 30, "numberOfRetries": 3,
        "deactivateFlag": true, "repeatSequenceCount": 1, "repeatSequenceWaitTime": 60,
    });
    assert_eq!(made["retryPolicy"], expected);
}

#[tokio::test]
async fn a_retry_policy_keeps_what_a_change_leaves_out() {
    let world = World::new().await;
    let made = subscription(&world, json!({})).await;
    let change = json!({ "retryPolicy": { "numberOfRetries": "5", "deactivateFlag": true } });
    let reply = world.call(Method::PATCH, &path(&made), change).await;
    let mut expected = made["retryPolicy"].clone();
    expected["numberOfRetries"] = json!(5);
    expected["deactivateFlag"] = json!(true);
    assert_eq!(reply.json["retryPolicy"], expected);
    let change = json!({ "name": "Other" });
    let reply = world.call(Method::PATCH, &path(&made), change).await;
    assert_eq!(reply.json["retryPolicy"], expected);
}

#[tokio::test]
async fn additional_attributes_of_retries_are_kept_and_shown() {
    let world = World::new().await;
    let attributes = json!([{ "owner": "billing", "tier": "gold" }, {}]);
    let retry = json!({ "additionalAttributes": attributes });
    let made = subscription(&world, json!({ "retryPolicy": retry })).await;
    assert_eq!(made["retryPolicy"]["additionalAttributes"], attributes);
    for (change, expected) in [
        (json!({ "name": "Other" }), attributes),
        (
            json!({ "retryPolicy": { "additionalAttributes": [{ "tier": "tin" }] } }),
            json!([{ "tier": "tin" }]),
        ),
        (
            json!({ "retryPolicy": { "additionalAttributes": [] } }),
            json!(null),
        ),
    ] {
        let changed = world
            .call(Method::PATCH, &path(&made), change.clone())
            .await;
        let shown = &changed.json["retryPolicy"];
        assert_eq!(shown["additionalAttributes"], expected, "{change}");
        assert_eq!(shown["numberOfRetries"], 3, "{change}");
    }
}
