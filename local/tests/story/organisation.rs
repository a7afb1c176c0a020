//! An organisation with an account below it: the organisation acts for it, and no stranger does.

use herald_local::world::{Reply, World, receiver::Receiver};
use http::{Method, header};
use serde_json::{Value, json};

/// Makes an account; returns its id.
pub(crate) async fn account(world: &World, name: &str, parent: Option<&str>) -> String {
    let body = json!({ "name": name, "externalId": name, "parentId": parent });
    let made = world
        .operate(Method::POST, "/herald/v1/accounts", body)
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    made.json["id"].as_str().expect("an id").to_owned()
}

/// Whoever has a credential with the role `manage`.
pub(crate) struct Caller<'a> {
    world: &'a World,
    bearer: String,
}

impl<'a> Caller<'a> {
    pub(crate) async fn of(world: &'a World, account: &str) -> Self {
        let path = format!("/herald/v1/accounts/{account}/credentials");
        let body = json!({ "mode": "live", "role": "manage" });
        let given = world.operate(Method::POST, &path, body).await;
        let secret = given.json["secret"].as_str().expect("a secret");
        let bearer = format!("Bearer {secret}");
        Self { world, bearer }
    }

    /// Acts for an account: looks where there is no body, else posts it.
    pub(crate) async fn act(&self, account: &str, path: &str, body: Value) -> Reply {
        let method = if body.is_null() {
            Method::GET
        } else {
            Method::POST
        };
        self.call(method, account, path, body).await
    }

    /// Changes something for an account.
    pub(crate) async fn patch(&self, account: &str, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, account, path, body).await
    }

    async fn call(&self, method: Method, account: &str, path: &str, body: Value) -> Reply {
        let request = World::request(method, path)
            .header("herald-account", account)
            .body(body.to_string().into());
        let mut request = request.expect("a request");
        let bearer = self.bearer.parse().expect("a value");
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        self.world.send(request).await
    }
}

#[tokio::test]
async fn an_organisation_acts_for_the_account_below_it_and_a_stranger_does_not() {
    let world = World::new().await;
    let organisation = account(&world, "organisation", None).await;
    let child = account(&world, "child", Some("organisation")).await;
    let stranger = account(&world, "stranger", None).await;
    let above = Caller::of(&world, &organisation).await;
    let outside = Caller::of(&world, &stranger).await;
    let below = Caller::of(&world, &child).await;
    let receiver = Receiver::start([]).await;
    let policies = "/api/notifications/policies";
    let policy = json!({
        "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/child")],
    });
    let made = above.act("child", policies, policy.clone()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(made.json["sequenceAccountId"], child);

    let events = "/herald/v1/events";
    let event =
        |account: &str| json!({ "id": "e", "type": "INVOICE_ISSUED", "accountId": account });
    let reported = above.act(&organisation, events, event(&child)).await;
    assert_eq!(reported.status, 202, "{}", reported.json);
    for account in [&child, &organisation] {
        let refused = outside.act(account, policies, policy.clone()).await;
        assert_eq!(refused.status, 400, "{}", refused.json);
        let refused = outside.act(&stranger, events, event(account)).await;
        assert_eq!(refused.status, 400, "{}", refused.json);
    }
    let upwards = below.act(&organisation, events, event(&organisation)).await;
    assert_eq!(upwards.status, 400, "nobody acts for an account above");
    world.settle().await;
    let received = receiver.received();
    assert_eq!(received.len(), 1);
    let body: Value = serde_json::from_str(&received[0].body).expect("JSON");
    assert_eq!(body["sequenceAccountId"], child);

    let path = "/herald/v1/events/e";
    for (caller, account, status) in [
        (&above, &child, 200),
        (&below, &child, 200),
        (&above, &organisation, 404),
        (&outside, &stranger, 404),
        (&outside, &child, 400),
    ] {
        let shown = caller.act(account, path, Value::Null).await;
        assert_eq!(shown.status, status, "{account}: {}", shown.json);
    }
}
