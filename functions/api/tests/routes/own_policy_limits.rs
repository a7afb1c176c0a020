//! The largest policy that keeps every rule: it fits into its row, and is told whole.

use crate::own_policies::{OWN, create_own, own, path};
use herald_local::world::{World, receiver::Receiver};
use http::Method;
use serde_json::{Value, json};

const TARGET_BYTES: usize = 256 * 1_024;

/// A hundred URLs of just so many bytes in all.
fn targets() -> Vec<String> {
    let start = |n: usize| format!("https://hooks.example.com/{n:02}/");
    let room = TARGET_BYTES - 100 * start(0).len();
    let bytes = |n: usize| room / 100 + usize::from(n < room % 100);
    let path = |bytes: usize| "ä".repeat(bytes / 2) + &"x".repeat(bytes % 2);
    (0..100).map(|n| start(n) + &path(bytes(n))).collect()
}

/// Adds types of an operator until there are a hundred, with the longest names.
async fn types(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for n in 0..100 {
        let name = format!("{n:03}{}", "x".repeat(125));
        let body = json!({ "dialects": ["herald"], "description": "One of many" });
        let put = format!("/herald/v1/event-types/{name}");
        let reply = world.operate(Method::PUT, &put, body).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        names.push(name);
    }
    names
}

/// Everything at its limit.
fn largest(types: &[String]) -> Value {
    let pair = |n: usize, bytes: usize| {
        let name = format!("{n:02}-{}", "x".repeat(17));
        let value = "v".repeat(bytes - name.len());
        (name, json!(value))
    };
    let headers: Value = (0..20).map(|n| pair(n, 8 * 1_024 / 20)).collect();
    let metadata = (0..50).map(|n| {
        let key = format!("{n:02}{}", "ä".repeat(38));
        let value = "\u{1f300}".repeat((16 * 1_024 / 50 - key.len()) / 4);
        (key, json!(value))
    });
    json!({
        "name": "\u{1f300}".repeat(255), "description": "\u{1f300}".repeat(1_000),
        "eventTypes": types, "recipients": targets(), "timeoutSeconds": 15, "headers": headers,
        "contact": format!("{}@{}.com", "a".repeat(64), "b.".repeat(90) + "bb"),
        "metadata": metadata.collect::<Value>(), "secret": "x".repeat(75),
    })
}

#[tokio::test]
async fn the_largest_policy_fits_and_can_be_read_back() {
    let world = World::new().await;
    let types = types(&world).await;
    let fields = largest(&types);
    let made = own(&world, fields.clone()).await;
    for name in [
        "name",
        "description",
        "eventTypes",
        "headers",
        "contact",
        "metadata",
    ] {
        assert_eq!(made[name], fields[name], "{name}");
    }
    let recipients = made["recipients"].as_array().expect("recipients");
    assert!(
        recipients
            .iter()
            .map(|recipient| &recipient["target"])
            .eq(fields["recipients"].as_array().expect("targets"))
    );
    assert_eq!(world.get(&path(&made)).await, made);
    assert_eq!(world.get(OWN).await["items"], json!([made]));
    let secret = world.get(&format!("{}/secret", path(&made))).await;
    assert_eq!(secret["secret"], fields["secret"]);
}

#[tokio::test]
async fn the_largest_policy_still_changes_and_goes() {
    let world = World::new().await;
    let types = types(&world).await;
    let made = own(&world, largest(&types)).await;
    let path = path(&made);
    let suspended: Vec<_> = targets()
        .into_iter()
        .map(|target| json!({ "target": target, "status": "suspended" }))
        .collect();
    let body = json!({ "recipients": suspended, "eventTypes": null });
    let changed = world.call(Method::PATCH, &path, body).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.json["version"]),
        (200, &json!(2))
    );
    for _ in 0..6 {
        let body = json!({ "secret": "y".repeat(75), "overlapSeconds": 604_800 });
        let rotated = world
            .call(Method::POST, &format!("{path}/rotate-secret"), body)
            .await;
        assert_eq!(rotated.status, 200, "{}", rotated.json);
    }
    let back = world
        .call(Method::PATCH, &path, json!({ "eventTypes": types }))
        .await;
    assert_eq!(
        (back.status.as_u16(), &back.json["eventTypes"]),
        (200, &json!(types))
    );
    let event = json!({ "id": "e", "type": types[99] });
    assert_eq!(
        world
            .call(Method::POST, "/herald/v1/events", event)
            .await
            .status,
        202
    );
    world.settle().await;
    let shown = world.get("/herald/v1/events/e").await;
    assert_eq!(shown["deliveries"]["items"], json!([]), "all are suspended");
    assert_eq!(
        world.call(Method::DELETE, &path, json!(null)).await.status,
        204
    );
    world.settle().await;
}

#[tokio::test]
async fn one_byte_more_is_refused() {
    let world = World::new().await;
    let mut more = targets();
    more[0].push('x');
    for (field, value) in [
        ("recipients", json!(more)),
        ("name", json!("\u{1f300}".repeat(256))),
        ("description", json!("\u{1f300}".repeat(1_001))),
        ("metadata", json!({ "k": "x".repeat(16 * 1_024) })),
        ("headers", json!({ "X": "x".repeat(8 * 1_024) })),
    ] {
        let reply = create_own(&world, json!({ field: value })).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["errors"][0]["field"]),
            (400, &json!(field))
        );
    }
    for (field, value) in [
        ("recipients", json!(targets())),
        ("metadata", json!({ "k": "x".repeat(16 * 1_024 - 1) })),
        ("headers", json!({ "X": "x".repeat(8 * 1_024 - 1) })),
    ] {
        own(&world, json!({ field: value })).await;
    }
}

#[tokio::test]
async fn the_largest_headers_reach_the_receiver() {
    let world = World::new().await;
    let receiver = Receiver::start([]).await;
    let headers = largest(&[])["headers"].clone();
    let fields = json!({ "recipients": [receiver.url("/hook")], "headers": headers });
    own(&world, fields).await;
    world.report("e").await;
    world.settle().await;
    let [request] = &receiver.received()[..] else {
        panic!("{:?}", world.delivery("e").await);
    };
    for (name, value) in headers.as_object().expect("headers") {
        assert_eq!(request.header(name), value.as_str().expect("a text"));
    }
}
