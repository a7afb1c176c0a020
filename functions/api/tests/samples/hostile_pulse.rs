//! What no honest client sends to Pulse's routes, on the way through the gateway: it is answered in
//! the shape of JSON:API, and changes nothing.

use crate::{
    answer::Answer,
    hostile::{LONG, answer_beside},
};
use herald_local::world::stage::Stage;
use serde_json::{Value, json};

const WEBHOOKS: &str = "/api/v3/notification/webhooks";

/// The answer to a changed sample, given the sample webhook, which stays as it is.
async fn answer(case: &str, changes: &[(&str, Value)]) -> Answer {
    let stage = Stage::set().await;
    let policy = stage.pulse_webhook().await;
    answer_beside(&stage, policy, case, changes).await
}

#[tokio::test]
async fn an_odd_path_names_nothing() {
    let long = "1".repeat(LONG);
    for (method, path, status) in [
        ("DELETE", format!("{WEBHOOKS}/"), 404),
        ("DELETE", format!("{WEBHOOKS}//"), 404),
        ("DELETE", format!("{WEBHOOKS}/%ff"), 404),
        ("DELETE", format!("{WEBHOOKS}/1/"), 404),
        ("DELETE", format!("{WEBHOOKS}/1 "), 404),
        ("DELETE", format!("{WEBHOOKS}/01"), 404),
        ("DELETE", format!("{WEBHOOKS}/１"), 404),
        ("DELETE", format!("{WEBHOOKS}/-1"), 404),
        ("DELETE", format!("{WEBHOOKS}/1?"), 404),
        ("DELETE", format!("{WEBHOOKS}/ü\u{0}"), 404),
        ("DELETE", format!("{WEBHOOKS}/{long}"), 404),
        ("DELETE", format!("{WEBHOOKS}/..{WEBHOOKS}/1"), 404),
        ("POST", format!("{WEBHOOKS}/test/"), 404),
        ("POST", format!("{WEBHOOKS}/test/one"), 404),
        ("GET", format!("{WEBHOOKS}/test"), 404),
        ("PATCH", format!("{WEBHOOKS}/events"), 405),
        ("TRACE", WEBHOOKS.to_owned(), 405),
    ] {
        let changes = [
            ("/rawPath", json!(path)),
            ("/requestContext/http/method", json!(method)),
        ];
        let answer = answer("pulse-show-webhook", &changes).await;
        assert_eq!(answer.status, status, "{method} {path:.60}: {answer}");
    }
}

#[tokio::test]
async fn an_odd_query_is_passed_over_or_refused() {
    let many = "filter[id][]=1&".repeat(LONG / 15);
    let deep = format!("filter{}=1", "[id]".repeat(LONG / 4));
    let sorted = format!("sort={}", "name,".repeat(LONG / 5));
    for (query, status) in [
        ("%ff=%fe&&==&[]=&[=&]=", 200),
        ("filter[id][]=%ff&filter[name]=%00", 200),
        ("filter[id]=1&filter[id]=1;DROP TABLE", 200),
        ("fields[notification/webhooks][]=<x>&fields[]=y", 200),
        ("page[number]=1&page[number]=2", 200),
        ("page[number]=\u{661}", 422),
        ("page[size]=1e3", 422),
        ("sort=name desc", 422),
        ("sort=%ff", 422),
        ("%zz", 200),
        (&many, 200),
        (&deep, 200),
        (&sorted, 200),
    ] {
        let changes = [("/rawQueryString", json!(query))];
        let answer = answer("pulse-list-webhooks", &changes).await;
        assert_eq!(answer.status, status, "{query:.60}: {answer}");
    }
}

#[tokio::test]
async fn odd_headers_are_refused() {
    for (name, value, status) in [
        ("authorization", "Bearer", 401),
        ("authorization", "Bearer hl1.", 401),
        ("authorization", "Bearer hl1.AA.AA", 401),
        ("authorization", "Bearer é", 401),
        ("herald-account", "", 422),
        ("herald-account", "é", 422),
    ] {
        let pointer = format!("/headers/{name}");
        let answer = answer("pulse-list-webhooks", &[(&pointer, json!(value))]).await;
        assert_eq!(answer.status, status, "{name}: {value}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_webhook_is_refused() {
    let nested = format!(r#"{{"data":{}"#, "[".repeat(50_000));
    let attributes = |attributes: Value| {
        let data = json!({ "type": "notification/webhooks", "attributes": attributes });
        json!(json!({ "data": data }).to_string())
    };
    for (body, encoded, status) in [
        (json!("AP/+gIE="), true, 400),
        (json!("not base64"), true, 400),
        (json!(""), false, 400),
        (Value::Null, false, 400),
        (json!("null"), false, 422),
        (json!("[{\"data\":1}]"), false, 422),
        (json!("\u{feff}{}"), false, 400),
        (json!(nested), false, 400),
        (
            json!(r#"{"data":{"type":"notification/webhooks"}}"#),
            false,
            422,
        ),
        (attributes(json!({ "name": "\u{0}" })), false, 422),
        (attributes(json!({ "name": 1 })), false, 422),
        (
            attributes(json!({ "url": "https://127.0.0.1.nip.io@10.0.0.1/" })),
            false,
            422,
        ),
        (attributes(json!({ "events": ["*"] })), false, 422),
        (
            attributes(json!({ "events": vec!["\u{0}"; 100] })),
            false,
            422,
        ),
        (
            attributes(json!({ "events": vec!["workflow:projects:created"; 101] })),
            false,
            422,
        ),
        (
            attributes(json!({ "secret": 12345678901234567890_u64 })),
            false,
            422,
        ),
        (json!("x".repeat(1024 * 1024 + 1)), false, 413),
    ] {
        let changes = [("/body", body), ("/isBase64Encoded", json!(encoded))];
        for case in ["pulse-create-webhook", "pulse-update-webhook"] {
            let answer = answer(case, &changes).await;
            assert_eq!(answer.status, status, "{case}: {answer}");
        }
    }
}
