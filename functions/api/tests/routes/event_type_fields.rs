//! What the operator may call an event type and say of it.

use crate::{
    event_types::{TYPES, names, put},
    own_policies::told,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn names_of_our_own_and_odd_ones_are_refused() {
    let world = World::new().await;
    let plain = "type must be 1 to 128 of A-Z a-z 0-9 _ . : -";
    let long = "x".repeat(129);
    for (name, expected) in [
        ("herald.x", "type must not start with herald."),
        ("herald.", "type must not start with herald."),
        ("a%20b", plain),
        ("%C3%A4", plain),
        ("a%2Fb", plain),
        ("a%0D%0Ab", plain),
        ("%00", plain),
        ("%ff", plain),
        ("%D0%BErder.paid", plain),
        ("%2E%2E", "type must not be . or .., which no path holds"),
        (&long, plain),
    ] {
        let body = json!({ "dialects": ["herald"], "description": "x" });
        let reply = put(&world, name, body).await;
        assert_eq!(
            (reply.status.as_u16(), told(&reply)),
            (400, vec![expected.to_owned()]),
            "{name}"
        );
        let one = format!("{TYPES}/{name}");
        assert_eq!(
            world
                .operate(Method::DELETE, &one, json!(null))
                .await
                .status,
            404,
            "{name}"
        );
        assert_eq!(
            world.call(Method::GET, &one, json!(null)).await.status,
            404,
            "{name}"
        );
    }
    assert_eq!(names(&world, "q=herald").await, [""; 0]);
}

/// A body that is accepted, with some fields replaced.
fn with(fields: Value) -> Value {
    let mut body = json!({ "dialects": ["herald"], "description": "x" });
    let Value::Object(fields) = fields else {
        panic!("an object");
    };
    body.as_object_mut().expect("an object").extend(fields);
    body
}

/// Bodies that are refused, each with how what is told begins.
fn refused() -> Vec<(Value, Vec<&'static str>)> {
    vec![
        (
            json!({}),
            vec!["dialects is required", "description is required"],
        ),
        (
            with(json!({ "dialects": [] })),
            vec!["dialects must name at least one dialect"],
        ),
        (
            with(json!({ "dialects": "herald" })),
            vec!["dialects must be an array of strings"],
        ),
        (
            with(json!({ "dialects": ["herald", "x"] })),
            vec!["dialects[1] must be one of"],
        ),
        (
            with(json!({ "dialects": ["Herald"] })),
            vec!["dialects[0] must be one of"],
        ),
        (
            with(json!({ "description": " " })),
            vec!["description must be 1 to 1000 characters"],
        ),
        (
            with(json!({ "description": "\u{1b}[2J" })),
            vec!["description must not hold control"],
        ),
        (
            with(json!({ "product": "" })),
            vec!["product must be 1 to 128"],
        ),
        (
            with(json!({ "product": "a b" })),
            vec!["product must be 1 to 128"],
        ),
    ]
}

fn more_refused() -> Vec<(Value, Vec<&'static str>)> {
    let large = json!({ "k": "x".repeat(16 * 1_024) });
    vec![
        (
            with(json!({ "example": [] })),
            vec!["example must be a JSON object"],
        ),
        (
            with(json!({ "example": "{}" })),
            vec!["example must be a JSON object"],
        ),
        (
            with(json!({ "example": large })),
            vec!["example must be at most 16 KiB"],
        ),
        (
            with(json!({ "name": "x", "builtIn": true })),
            vec!["builtIn is not a known field", "name is not a known field"],
        ),
        (
            json!({ "dialects": [7], "description": 7, "product": 7, "example": 7 }),
            vec![
                "dialects must be an array",
                "product must be a string",
                "description must be a string",
                "example must be a JSON object",
            ],
        ),
    ]
}

#[tokio::test]
async fn what_is_said_of_a_type_follows_its_rules() {
    let world = World::new().await;
    for (body, expected) in [refused(), more_refused()].concat() {
        let reply = put(&world, "ours", body.clone()).await;
        assert_eq!(reply.status, 400, "{body}");
        let told = told(&reply);
        assert_eq!(told.len(), expected.len(), "{body}: {told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}, not {expected}");
        }
    }
    assert_eq!(names(&world, "q=ours").await, [""; 0]);
}
