//! In which accounts a policy hears: its owner's, all below, or some; and never beyond.

use crate::organisation::{Caller, account};
use herald::queue::QueueName;
use herald_local::{
    queue::VISIBILITY,
    world::{World, receiver::Receiver},
};
use serde_json::{Value, json};
use std::cell::Cell;

const POLICIES: &str = "/herald/v1/policies";

/// A family of three, and what its policies are told.
struct Family<'a> {
    world: &'a World,
    top: Caller<'a>,
    receiver: Receiver,
    /// Webhooks that were looked at.
    seen: Cell<usize>,
}

impl<'a> Family<'a> {
    async fn of(world: &'a World) -> Self {
        let top = account(world, "top", None).await;
        account(world, "middle", Some("top")).await;
        account(world, "bottom", Some("middle")).await;
        account(world, "other", Some("top")).await;
        Self {
            world,
            top: Caller::of(world, &top).await,
            receiver: Receiver::start([]).await,
            seen: Cell::new(0),
        }
    }

    /// Makes a policy of an account; it is told under its name.
    async fn policy(&self, account: &str, name: &str, scope: Value) -> Value {
        let body = json!({
            "name": name, "channel": "webhook", "scope": scope,
            "recipients": [self.receiver.url(&format!("/{name}"))],
        });
        let made = self.top.act(account, POLICIES, body).await;
        assert_eq!(made.status, 201, "{}", made.json);
        made.json
    }

    async fn report(&self, account: &str, event: &str) {
        let body = json!({ "id": event, "type": "INVOICE_ISSUED", "accountId": account });
        let reported = self.top.act("top", "/herald/v1/events", body).await;
        assert_eq!(reported.status, 202, "{}", reported.json);
        self.world.settle().await;
    }

    /// Who was told since the last question, in the order of their names.
    fn told(&self) -> Vec<String> {
        let received = self.receiver.received();
        let new = received[self.seen.replace(received.len())..].iter();
        let mut told: Vec<_> = new.map(|it| it.path.trim_matches('/').to_owned()).collect();
        told.sort();
        told
    }
}

#[tokio::test]
async fn a_policy_hears_where_its_scope_reaches_and_nowhere_else() {
    let world = World::new().await;
    let family = Family::of(&world).await;
    family.policy("top", "top-own", json!("own")).await;
    family.policy("top", "top-all", json!("descendants")).await;
    let some = json!({ "accounts": ["bottom", "top"] });
    family.policy("top", "top-some", some).await;
    family
        .policy("middle", "middle-all", json!("descendants"))
        .await;
    family.policy("bottom", "bottom-own", Value::Null).await;
    for (account, told) in [
        ("top", &["top-all", "top-own", "top-some"][..]),
        ("middle", &["middle-all", "top-all"]),
        (
            "bottom",
            &["bottom-own", "middle-all", "top-all", "top-some"],
        ),
        ("other", &["top-all"]),
    ] {
        family.report(account, account).await;
        assert_eq!(family.told(), told, "{account}");
    }
}

#[tokio::test]
async fn an_account_sees_its_own_deliveries_of_an_event_and_no_others() {
    let world = World::new().await;
    let family = Family::of(&world).await;
    family.policy("top", "top-all", json!("descendants")).await;
    family.policy("bottom", "bottom-own", json!("own")).await;
    family.report("bottom", "e").await;
    for (account, seen) in [("top", "top-all"), ("bottom", "bottom-own")] {
        let listed = family
            .top
            .act(account, "/herald/v1/deliveries", Value::Null)
            .await;
        let items = listed.json["items"].as_array().expect("items").clone();
        assert_eq!(items.len(), 1, "{account}: {}", listed.json);
        let target = items[0]["target"].as_str().expect("a target");
        assert!(target.ends_with(seen), "{account}: {target}");
        assert_eq!(items[0]["status"], "delivered");
        let path = format!(
            "/herald/v1/deliveries/{}",
            items[0]["id"].as_str().expect("an id")
        );
        assert_eq!(
            family.top.act(account, &path, Value::Null).await.status,
            200
        );
        let stranger = if account == "top" { "bottom" } else { "top" };
        assert_eq!(
            family.top.act(stranger, &path, Value::Null).await.status,
            404
        );
    }
}

#[tokio::test]
async fn a_changed_scope_counts_for_the_next_event() {
    let world = World::new().await;
    let family = Family::of(&world).await;
    let policy = family.policy("top", "p", json!("own")).await;
    let path = format!("{POLICIES}/{}", policy["id"].as_str().expect("an id"));
    for (number, (scope, told)) in [
        (json!("descendants"), 1),
        (json!("own"), 0),
        (json!({ "accounts": ["bottom"] }), 1),
        (json!({ "accounts": ["other"] }), 0),
    ]
    .into_iter()
    .enumerate()
    {
        let changed = family
            .top
            .patch("top", &path, json!({ "scope": scope }))
            .await;
        assert_eq!(changed.status, 200, "{}", changed.json);
        family.report("bottom", &format!("e{number}")).await;
        assert_eq!(family.told().len(), told, "{scope}");
    }
}

#[tokio::test]
async fn the_parts_of_several_owners_survive_a_cut_after_every_request() {
    for cut in 1.. {
        let world = World::new().await;
        let family = Family::of(&world).await;
        for name in ["a", "b"] {
            family
                .policy("top", &format!("top-{name}"), json!("descendants"))
                .await;
            family
                .policy("bottom", &format!("bottom-{name}"), json!("own"))
                .await;
        }
        let body = json!({ "id": "e", "type": "INVOICE_ISSUED", "accountId": "bottom" });
        let reported = family.top.act("top", "/herald/v1/events", body).await;
        assert_eq!(reported.status, 202, "{}", reported.json);
        world.wire.cut_after(cut);
        let _ = world.service.step(QueueName::Events).await;
        let was_cut = world.wire.mend();
        for _ in 0..6 {
            world.turn(VISIBILITY.unsigned_abs()).await;
        }
        let mut told = family.told();
        told.dedup();
        assert_eq!(
            told,
            ["bottom-a", "bottom-b", "top-a", "top-b"],
            "cut after {cut}"
        );
        if !was_cut {
            break;
        }
    }
}

#[tokio::test]
async fn a_scope_that_is_none_is_told_what_it_must_be() {
    let world = World::new().await;
    let family = Family::of(&world).await;
    let stranger = account(&world, "stranger", None).await;
    for (scope, field) in [
        (json!("everything"), "scope"),
        (json!(7), "scope"),
        (json!({}), "scope.accounts"),
        (json!({ "accounts": [] }), "scope.accounts"),
        (json!({ "accounts": ["bottom"], "x": 1 }), "scope.x"),
        (json!({ "accounts": ["nobody"] }), "scope.accounts[0]"),
        (json!({ "accounts": ["top"] }), "scope.accounts[0]"),
        (json!({ "accounts": [stranger] }), "scope.accounts[0]"),
    ] {
        let body = json!({
            "name": "P", "channel": "webhook", "scope": scope,
            "recipients": ["https://example.com/hook"],
        });
        let refused = family.top.act("middle", POLICIES, body).await;
        assert_eq!(refused.status, 400, "{scope}");
        assert_eq!(
            refused.json["errors"][0]["field"], field,
            "{}",
            refused.json
        );
    }
}
