//! Input that no honest client sends: it is answered, in the API's shape, and never breaks the
//! function.

use crate::answer::{Answer, Ask};
use herald::policy::Policy;
use herald_local::world::{
    samples::sample,
    stage::{self, Stage},
};
use serde_json::{Value, json};

const RECIPIENTS: &str =
    "/api/notifications/policies/019b8d99-6900-7000-8000-000000000001/recipients/";

/// About the longest request line that API Gateway lets through.
pub(crate) const LONG: usize = 10 * 1024;

/// A sample with other values at some places; null removes what is there.
pub(crate) fn changed(case: &str, changes: &[(&str, Value)]) -> String {
    let mut event: Value = serde_json::from_str(&sample("api", case)).expect("JSON");
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = event.pointer_mut(parent).expect("a parent");
        let parent = parent.as_object_mut().expect("an object");
        match value {
            Value::Null => parent.remove(name),
            value => parent.insert(name.to_owned(), value.clone()),
        };
    }
    event.to_string()
}

/// The answer to a changed sample, given a policy, which stays as it is.
pub(crate) async fn answer_beside(
    stage: &Stage,
    policy: Policy,
    case: &str,
    changes: &[(&str, Value)],
) -> Answer {
    let answer = stage.answer(&changed(case, changes)).await;
    assert!(answer.is_in_shape(), "{changes:?}: {answer}");
    let store = &stage.world.service.parts.store;
    let kept = store.policy(stage.tenant, policy.id).await;
    assert_eq!(kept.expect("the store"), Some(policy), "{changes:?}");
    answer
}

async fn answer(case: &str, changes: &[(&str, Value)]) -> Answer {
    let stage = Stage::set().await;
    stage.world.may_leave_messages();
    stage.policy(1, &stage::RECIPIENTS).await;
    let answer = stage.answer(&changed(case, changes)).await;
    assert!(answer.is_in_shape(), "{changes:?}: {answer}");
    answer
}

#[tokio::test]
async fn a_path_names_no_recipient_whatever_stands_in_it() {
    let long = ["x", "é", "%", "{", "/"].map(|text| text.repeat(LONG / text.len()));
    let odd = [
        "%ff",
        "\u{fffd}",
        "%",
        "%zz",
        "/",
        "//",
        "..",
        "\\",
        "a b\tc\r\nd",
        "https://h/\u{0}\u{1}\u{7f}",
        "https://h/\u{202e}",
        "https://h/a?x#y?z",
        "https%3A%2F%2Fhooks.example.com%2F%ff",
        "{*recipient}",
        "[::1]",
    ];
    for recipient in odd.into_iter().chain(long.iter().map(String::as_str)) {
        let path = format!("{RECIPIENTS}{recipient}");
        let answer = answer("remove-recipient-decoded", &[("/rawPath", json!(path))]).await;
        let error = json!({ "key": "recipient", "error": "is not a recipient of the policy" });
        assert_eq!(
            (answer.status.as_u16(), &answer.body["errors"]),
            (400, &json!([error])),
            "{recipient:.40}"
        );
    }
}

#[tokio::test]
async fn an_odd_path_leads_nowhere() {
    for (method, path, status) in [
        ("GET", "", 404),
        ("GET", "*", 404),
        ("GET", "//", 404),
        ("GET", "//hooks.example.com/x", 404),
        ("GET", "no-slash", 404),
        ("GET", "/\u{0}", 404),
        ("GET", "/%2e%2e/", 404),
        ("GET", "?x", 404),
        ("GET", "#x", 404),
        ("GET", "/healthz/../../herald", 404),
        ("GET", "/herald/v1/events/%ff", 404),
        ("GET", "/herald/v1/events/..", 404),
        ("GET", "/herald/v1/deliveries/%ff", 404),
        ("GET", "/herald/v1/deliveries/ü", 404),
        ("POST", "/herald/v1/deliveries/%ff/cancel", 404),
        ("GET", "/api/notifications/policies/%ff", 404),
        ("DELETE", RECIPIENTS, 404),
        ("TRACE", "/api/notifications/policies", 405),
        ("QUERY", "/api/notifications/policies", 405),
    ] {
        let changes = [
            ("/rawPath", json!(path)),
            ("/requestContext/http/method", json!(method)),
        ];
        let answer = answer("list-policies", &changes).await;
        assert_eq!(answer.status, status, "{method} {path:?}: {answer}");
    }
}

#[tokio::test]
async fn an_odd_query_is_ignored_or_refused() {
    for (query, status) in [
        ("limit=%ff", 400),
        ("limit=2&limit=101", 400),
        ("after=%00", 400),
        ("after=&before=", 400),
        ("notificationType=%F0%9F", 400),
        ("%ff=%fe&&==&", 200),
        ("q={x}|^`\\[]'", 200),
        ("q=ü", 200),
        ("%", 200),
        ("%zz", 200),
        ("?", 200),
        ("#x", 200),
        ("recipient=%ff", 200),
    ] {
        let answer = answer("list-policies", &[("/rawQueryString", json!(query))]).await;
        assert_eq!(answer.status, status, "{query}: {answer}");
    }
    let long = format!("after={}", "x".repeat(LONG));
    let answer = answer("list-policies", &[("/rawQueryString", json!(long))]).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn an_odd_recipient_in_the_query_is_not_there() {
    for query in [
        "recipient",
        "recipient=%ff",
        "recipient=+",
        "recipient=&recipient=https://hooks.example.com/a",
    ] {
        let changes = [("/rawQueryString", json!(query))];
        let answer = answer("remove-recipient-by-query", &changes).await;
        assert_eq!(answer.status, 400, "{query}: {answer}");
    }
}

#[tokio::test]
async fn a_request_without_a_host_is_answered() {
    let host = ("/headers/host", Value::Null);
    let domain = ("/requestContext/domainName", Value::Null);
    for changes in [&[host.clone()][..], &[host, domain]] {
        assert_eq!(answer("list-policies", changes).await.status, 200);
        let answer = answer("remove-recipient-odd", changes).await;
        assert_eq!(answer.status, 200, "{answer}");
    }
    let headers = [("/headers", Value::Null)];
    assert_eq!(answer("list-policies", &headers).await.status, 401);
}

#[tokio::test]
async fn odd_headers_are_ignored_or_refused() {
    for (name, value, status) in [
        ("authorization", "Basic", 401),
        ("authorization", "Basic é", 401),
        ("herald-account", "", 400),
        ("herald-account", "é", 400),
        ("content-length", "many", 202),
        ("content-type", "é", 202),
        ("sequence-version", "é", 202),
    ] {
        let pointer = format!("/headers/{name}");
        let answer = answer("report-event", &[(&pointer, json!(value))]).await;
        assert_eq!(answer.status, status, "{name}: {value}: {answer}");
    }
    let version = [("/headers/sequence-version", json!("é"))];
    assert_eq!(answer("list-policies", &version).await.status, 400);
}

#[tokio::test]
async fn a_body_that_is_no_report_is_refused() {
    let nested = format!(r#"{{"type":{}"#, "[".repeat(100_000));
    for (body, encoded, status) in [
        (json!("AP/+gIE="), true, 400),
        (json!(""), true, 400),
        (json!(""), false, 400),
        (Value::Null, false, 400),
        (json!("[]"), false, 400),
        (json!("\u{feff}{}"), false, 400),
        (json!(nested), false, 400),
        (json!("x".repeat(1024 * 1024 + 1)), false, 413),
    ] {
        let changes = [("/body", body), ("/isBase64Encoded", json!(encoded))];
        let answer = answer("report-event", &changes).await;
        assert_eq!(answer.status, status, "{answer}");
    }
}
