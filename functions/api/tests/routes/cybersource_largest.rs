//! The largest subscriptions: a list has no pages, and all that an account may have must fit into one
//! answer of a function.

use crate::{
    cybersource_creation::{WEBHOOKS, subscription},
    event_types::put,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

/// The most bytes that a function on Lambda may answer with.
const MOST: usize = 6 * 1024 * 1024;

/// Many bytes each, in UTF-8 or as JSON within JSON.
const WIDE: &str = "😀";
const QUOTE: &str = "\"";

/// What a subscription shows that uses every limit.
async fn largest(world: &World) -> Value {
    let types: Vec<_> = (0..100).map(|n| format!("{n:0128}")).collect();
    for name in &types {
        let body = json!({
            "dialects": ["cybersource"], "product": "x".repeat(128), "description": "A payment",
        });
        assert_eq!(put(world, name, body).await.status, 200);
    }
    let url = |end: &str| format!("https://test.com/{}{end}", WIDE.repeat(2_020));
    let attributes = json!([{ "a": QUOTE.repeat(1_023) }]);
    let fields = json!({
        "name": QUOTE.repeat(255),
        "description": WIDE.repeat(1_000),
        "productId": "x".repeat(128),
        "eventTypes": types,
        "webhookUrl": url("webhook"),
        "healthCheckUrl": url("health"),
        "retryPolicy": { "additionalAttributes": attributes },
    });
    subscription(world, fields).await
}

#[tokio::test]
async fn a_list_of_as_many_as_there_may_be_fits_into_an_answer() {
    let world = World::new().await;
    largest(&world).await;
    let listed = world.call(Method::GET, WEBHOOKS, json!(null)).await.json;
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    // Lambda takes the body as a text in JSON.
    let answer = json!(listed.to_string()).to_string();
    assert!(answer.len() * 100 < MOST, "{} bytes each", answer.len());
}
