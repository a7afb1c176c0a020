//! The API's rules, route by route, on the embedded engine.

mod account_creation_failures;
mod account_deletion;
mod account_list;
mod accounts;
mod batch;
mod creation;
mod credentials;
mod custom_types;
mod cybersource_beside_others;
mod cybersource_broken_fields;
mod cybersource_changes;
mod cybersource_creation;
mod cybersource_hostile;
mod cybersource_hostile_keys;
mod cybersource_keys;
mod cybersource_largest;
mod cybersource_replays;
mod cybersource_retries;
mod cybersource_walls;
mod delivery_lists;
mod event_type_fields;
mod event_types;
mod events;
mod http_signature;
mod lune_beside_others;
mod lune_change_fields;
mod lune_changes;
mod lune_creation;
mod lune_errors;
mod lune_lists;
mod lune_secrets;
mod lune_walls;
mod mail_test_deliveries;
mod many_attempts;
mod operator;
mod own_policies;
mod own_policy_changes;
mod own_policy_crashes;
mod own_policy_creation;
mod own_policy_fields;
mod own_policy_header_fields;
mod own_policy_limits;
mod own_policy_races;
mod own_policy_recipients;
mod own_policy_sending;
mod own_webhooks;
mod policies;
mod policy_changes;
mod policy_list;
mod pulse_changes;
mod pulse_crashes;
mod pulse_creation;
mod pulse_errors;
mod pulse_lists;
mod pulse_login;
mod pulse_numbers;
mod pulse_test_deliveries;
mod pulse_thousand;
mod pulse_walls;
mod replays;
mod roles;
mod secret_rotation;
mod sequence_beside_others;
mod suppressions;
mod test_deliveries;
mod unsubscribe;
mod unsubscribe_links;
mod walls;

use herald_local::world::{Reply, World};
use http::Method;
use serde_json::{Value, json};

const POLICIES: &str = "/api/notifications/policies";

/// A body that makes a policy, with some fields replaced.
fn policy_with(fields: &Value) -> Value {
    let mut body = json!({
        "name": "Dev hooks",
        "channel": "WEBHOOK",
        "recipients": ["https://api.example.com/hooks"],
        "notificationTypes": ["INVOICE_ISSUED"],
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

async fn create(world: &World, fields: Value) -> Reply {
    world
        .call(Method::POST, POLICIES, policy_with(&fields))
        .await
}

/// A new policy's path.
async fn created(world: &World, fields: Value) -> String {
    let reply = create(world, fields).await;
    assert_eq!(reply.status, 201, "{}", reply.json);
    format!("{POLICIES}/{}", reply.json["id"].as_str().expect("an id"))
}

/// The keys of Sequence's errors, or the fields of a problem's.
fn keys(reply: &Reply) -> Vec<&str> {
    let errors = reply.json["errors"].as_array().expect("errors");
    let key = |error: &'static str| move |entry: &Value| entry.get(error).is_some();
    let name = if errors.iter().all(key("key")) {
        "key"
    } else {
        "field"
    };
    errors
        .iter()
        .map(|error| error[name].as_str().expect("a name"))
        .collect()
}

/// Asks for a list with parameters that break a rule, each with the one that is told.
async fn refuse_queries(world: &World, path: &str, cases: &[(&str, &str)]) {
    for (query, field) in cases {
        let asked = format!("{path}?{query}");
        let reply = world.call(Method::GET, &asked, json!(null)).await;
        assert_eq!(
            (reply.status.as_u16(), keys(&reply)),
            (400, vec![*field]),
            "{query}"
        );
    }
}
