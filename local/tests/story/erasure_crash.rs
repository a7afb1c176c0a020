//! The erasure of an account may stop between any two of its steps: it goes on where it stopped.

use herald::{queue::MAX_DELAY, tenant::Tenant};
use herald_local::{
    queue::VISIBILITY,
    world::{
        World, give_credential,
        receiver::{Answer, Receiver},
    },
};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/herald/v1/accounts/invoicetest";

/// A neighbour of the first account, with a policy and a delivered event.
async fn neighbour(world: &World, receiver: &Receiver) -> Tenant {
    let body = json!({ "name": "Neighbour" });
    let made = world
        .operate(Method::POST, "/herald/v1/accounts", body)
        .await;
    let tenant = Tenant {
        account: serde_json::from_value(made.json["id"].clone()).expect("an id"),
        mode: world.tenant.mode,
    };
    give_credential(&world.service.api, tenant, "n:next-door").await;
    let urls = [receiver.url("/next-door")];
    let policy = json!({ "name": "P", "channel": "WEBHOOK", "recipients": urls });
    let event = json!({ "id": "e", "type": "INVOICE_ISSUED" });
    for (path, body) in [
        ("/api/notifications/policies", policy),
        ("/herald/v1/events", event),
    ] {
        assert!(ask_neighbour(world, Method::POST, path, body).await.0 < 300);
    }
    tenant
}

async fn ask_neighbour(world: &World, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = World::request(method, path).body(body.to_string().into());
    let mut request = request.expect("a request");
    let bearer = "Bearer next-door".parse().expect("a value");
    request.headers_mut().insert("authorization", bearer);
    let reply = world.send(request).await;
    (reply.status.as_u16(), reply.json)
}

#[tokio::test]
async fn a_stop_anywhere_in_an_erasure_leaves_nothing_behind_in_the_end() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([Answer::Status(500)]).await;
        world.policy(&[receiver.url("/hook")]).await;
        world.report("waits").await;
        world.settle().await;
        let neighbour = neighbour(&world, &receiver).await;
        world.settle().await;
        world.report("queued").await;
        let sent = receiver.received().len();
        let deleted = world.operate(Method::DELETE, PATH, Value::Null).await;
        assert_eq!(deleted.status, 202);

        world.wire.cut_after(requests);
        world.settle().await;
        world.clock.advance(MAX_DELAY);
        world.settle().await;
        let was_cut = world.wire.mend();
        for wait in [
            VISIBILITY.unsigned_abs(),
            VISIBILITY.unsigned_abs(),
            MAX_DELAY,
            VISIBILITY.unsigned_abs(),
        ] {
            world.turn(wait).await;
        }
        assert_eq!(
            world.rows_of(world.tenant.account).await,
            0,
            "stopped after {requests}"
        );
        let shown = world.operate(Method::GET, PATH, Value::Null).await;
        assert_eq!(
            shown.status, 404,
            "stopped after {requests}: {}",
            shown.json
        );
        assert_eq!(receiver.received().len(), sent, "stopped after {requests}");
        let theirs = ask_neighbour(&world, Method::GET, "/herald/v1/events/e", Value::Null);
        let (status, theirs) = theirs.await;
        let delivered = &theirs["deliveries"]["items"][0]["status"];
        assert_eq!((status, delivered), (200, &json!("delivered")));
        assert!(
            world.rows_of(neighbour.account).await >= 5,
            "its rows are all there"
        );
        if !was_cut {
            assert!(requests > 10, "the erasure has more steps than {requests}");
            return;
        }
    }
}
