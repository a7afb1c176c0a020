//! The rules of every field, for creations and changes alike: what breaks one is told with its
//! field, and changes nothing.

use crate::{
    own_policies::{OWN, create_own, own, path, told},
    own_policy_header_fields::headers,
    own_policy_sending::sending,
};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

const URL: &str = "https://hooks.example.com/a";
const NAME: &str = "name must be 1 to 255 characters and not blank";
const TEXT: &str = "must be a string";
pub(crate) const PAIRS: &str = "must be an object of strings";

/// Fields that are refused, each with what is told.
pub(crate) type Cases = Vec<(Value, String)>;

pub(crate) fn case(name: &str, value: Value, told: &str) -> (Value, String) {
    let fields = serde_json::Map::from_iter([(name.to_owned(), value)]);
    (fields.into(), told.to_owned())
}

fn texts() -> Cases {
    let long = |count| json!("ä".repeat(count));
    let description = "description must be 1 to 1000 characters and not blank";
    vec![
        case("name", json!(null), "name is required"),
        case("name", json!(7), &format!("name {TEXT}")),
        case("name", json!(""), NAME),
        case("name", json!(" \u{3000}"), NAME),
        case("name", long(256), NAME),
        case(
            "name",
            json!("two\nlines"),
            "name must not hold control characters",
        ),
        case("description", json!(["x"]), &format!("description {TEXT}")),
        case("description", json!("\n"), description),
        case("description", long(1_001), description),
        case(
            "description",
            json!("a\u{0}b"),
            "description must not hold control characters",
        ),
        case("contact", json!(true), &format!("contact {TEXT}")),
        case("contact", json!("ops"), "contact must be an e-mail address"),
        case(
            "contact",
            json!("a@example.com\r\nBcc: b@example.com"),
            "contact must be an e-mail address",
        ),
        case("unheardOf", json!(1), "unheardOf is not a known field"),
        case("NAME", json!("x"), "NAME is not a known field"),
        case("a secret value", json!("x"), "… is not a known field"),
    ]
}

fn types() -> Cases {
    let many: Vec<_> = (0..101).map(|n| format!("TYPE_{n}")).collect();
    let meant = "eventTypes[1] must be a known event type; did you mean order.paid";
    vec![
        case(
            "eventTypes",
            json!([]),
            "eventTypes must name at least one type; null means all",
        ),
        case(
            "eventTypes",
            json!("order.paid"),
            "eventTypes must be an array of strings",
        ),
        case(
            "eventTypes",
            json!([7]),
            "eventTypes must be an array of strings",
        ),
        case(
            "eventTypes",
            json!([null]),
            "eventTypes must be an array of strings",
        ),
        case(
            "eventTypes",
            json!(many),
            "eventTypes must name at most 100 types",
        ),
        case(
            "eventTypes",
            json!(["a b"]),
            "eventTypes[0] must be a known event type",
        ),
        case("eventTypes", json!(["order.paid", "order.payd"]), meant),
    ]
}

fn recipients() -> Cases {
    let many: Vec<_> = (0..101).map(|n| format!("{URL}/{n}")).collect();
    let path = "ä".repeat(1_900);
    let large: Vec<_> = (0..100).map(|n| format!("{URL}/{n}/{path}")).collect();
    let form = "must be a string, or an object with target";
    let of = |value: Value, told: &str| case("recipients", value, told);
    vec![
        of(json!(null), "recipients is required"),
        of(json!(URL), "recipients must be an array of recipients"),
        of(json!([]), "recipients must be 1 to 100"),
        of(json!(many), "recipients must be 1 to 100"),
        of(json!(large), "recipients must have at most 256 KiB in all"),
        of(
            json!([URL, URL]),
            "recipients[1] must not name a recipient twice",
        ),
        of(
            json!([{ "target": URL }, URL]),
            "recipients[1] must not name a recipient twice",
        ),
        of(
            json!([URL, "http://example.com/"]),
            "recipients[1] must be an https URL",
        ),
        of(
            json!([URL, "https://10.0.0.1/"]),
            "recipients[1] must not lead to a private or reserved address",
        ),
        of(
            json!(["a@example.com"]),
            "recipients[0] must be an absolute URL",
        ),
        of(json!([7]), &format!("recipients[0] {form}")),
        of(json!([null]), &format!("recipients[0] {form}")),
        of(json!([URL, []]), &format!("recipients[1] {form}")),
        of(json!([[URL]]), &format!("recipients[0] {form}")),
        of(json!([{}]), "recipients[0].target is required"),
        of(
            json!([{ "target": 7 }]),
            "recipients[0].target must be a string",
        ),
        of(
            json!([{ "target": URL, "status": "gone" }]),
            "recipients[0].status must be active or suspended",
        ),
        of(
            json!([{ "target": URL, "status": 7 }]),
            "recipients[0].status must be a string",
        ),
        of(
            json!([{ "target": URL, "url": URL }]),
            "recipients[0].url is not a known field",
        ),
    ]
}

fn numbers_and_metadata() -> Cases {
    let many: Value = (0..51).map(|n| (n.to_string(), json!("x"))).collect();
    let large = json!({ "k": "x".repeat(16 * 1_024) });
    let range = "timeoutSeconds must be a whole number from 1 to 15";
    let keys = "metadata must have keys of 1 to 40 characters";
    vec![
        case("timeoutSeconds", json!(0), range),
        case("timeoutSeconds", json!(-1), range),
        case("timeoutSeconds", json!(1.5), range),
        case("timeoutSeconds", json!(16), range),
        case("timeoutSeconds", json!(1e300), range),
        case(
            "timeoutSeconds",
            json!("5"),
            "timeoutSeconds must be a number",
        ),
        case("metadata", json!([]), &format!("metadata {PAIRS}")),
        case("metadata", json!({ "a": 1 }), &format!("metadata {PAIRS}")),
        case(
            "metadata",
            json!({ "a": null }),
            &format!("metadata {PAIRS}"),
        ),
        case("metadata", json!({ "a": {} }), &format!("metadata {PAIRS}")),
        case("metadata", json!({ "": "x" }), keys),
        case("metadata", json!({ "ä".repeat(41): "x" }), keys),
        case("metadata", many, "metadata must have at most 50 keys"),
        case(
            "metadata",
            large,
            "metadata must have at most 16 KiB in all",
        ),
    ]
}

fn all() -> Cases {
    [
        texts(),
        types(),
        recipients(),
        numbers_and_metadata(),
        headers(),
        sending(),
    ]
    .concat()
}

#[tokio::test]
async fn a_creation_that_breaks_a_rule_is_told_the_field_and_makes_nothing() {
    let world = World::new().await;
    for (fields, expected) in all() {
        let reply = create_own(&world, fields.clone()).await;
        assert_eq!(reply.status, 400, "{expected}");
        let [told] = &told(&reply)[..] else {
            panic!("{expected}: {}", reply.json);
        };
        assert!(told.starts_with(&expected), "{told}, not {expected}");
    }
    assert_eq!(world.get(OWN).await["items"], json!([]));
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_is_told_the_field_and_changes_nothing() {
    let world = World::new().await;
    let policy = own(&world, json!({})).await;
    for (fields, expected) in all() {
        let reply = world.call(Method::PATCH, &path(&policy), fields).await;
        assert_eq!(reply.status, 400, "{expected}");
        let [told] = &told(&reply)[..] else {
            panic!("{expected}: {}", reply.json);
        };
        assert!(told.starts_with(&expected), "{told}, not {expected}");
    }
    assert_eq!(world.get(&path(&policy)).await, policy);
}
