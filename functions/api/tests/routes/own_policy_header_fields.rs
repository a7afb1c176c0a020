//! The rules of the headers that a policy may add to its webhooks.

use crate::own_policy_fields::{Cases, PAIRS, case};
use serde_json::{Value, json};

const VALUES: &str =
    "headers must have values of visible ASCII characters, with spaces between them only";
const NAMES: &str = "headers must have names of A-Z a-z 0-9 - _ . and the like";

/// Names of Herald, of its dialects and of the connection.
const RESERVED: [&str; 17] = [
    "Host",
    "content-LENGTH",
    "Content-Type",
    "Transfer-Encoding",
    "Connection",
    "User-Agent",
    "Webhook-Id",
    "webhook-signature",
    "WEBHOOK-ANYTHING",
    "Sequence-Signature",
    "v-c-signature",
    "Lune-Hmac",
    "Proxy-Authorization",
    "Expect",
    "TE",
    "Upgrade",
    "Trailer",
];

/// Headers that are refused.
pub(crate) fn headers() -> Cases {
    let of = |value: Value, told: &str| case("headers", value, told);
    let many: Value = (0..21).map(|n| (format!("X-{n}"), json!("x"))).collect();
    let mut cases = vec![
        of(json!([]), &format!("headers {PAIRS}")),
        of(json!("X-A: a"), &format!("headers {PAIRS}")),
        of(json!({ "X-A": 1 }), &format!("headers {PAIRS}")),
        of(json!({ "X-A": null }), &format!("headers {PAIRS}")),
        of(json!({ "X-A": ["a", "b"] }), &format!("headers {PAIRS}")),
        of(many, "headers must be at most 20"),
        of(
            json!({ "X-A": "x".repeat(8 * 1_024) }),
            "headers must have at most 8 KiB in all",
        ),
        of(
            json!({ "X-A": "1", "x-a": "2" }),
            "headers must not name a header twice",
        ),
    ];
    for name in [
        "",
        "X A",
        "X-A:",
        "X-A\r\nX-B",
        "X-Ä",
        "Ｈost",
        "(x)",
        "X\u{0}",
    ] {
        cases.push(of(json!({ name: "x" }), NAMES));
    }
    for value in [
        "",
        " ",
        " a",
        "a ",
        "a\r\nX-B: b",
        "a\tb",
        "a\u{0}",
        "\u{7f}",
        "ä",
        "“a”",
    ] {
        cases.push(of(json!({ "X-A": value }), VALUES));
    }
    cases.extend(RESERVED.map(reserved));
    cases
}

fn reserved(name: &str) -> (Value, String) {
    let lower = name.to_ascii_lowercase();
    let told = format!("headers must not name {lower}, which is not the policy's");
    case("headers", json!({ name: "x" }), &told)
}
