//! The wire is cut after every single request: whoever repeats what failed gets what was asked
//! for, once.

use crate::{
    own_policies::{OWN, everything, own, own_with, path},
    own_policy_changes::change,
    unsubscribe::{page, token_of},
};
use herald::queue::MAX_DELAY;
use herald_local::world::{
    Reply, World,
    receiver::{Answer, Receiver},
};
use http::Method;
use serde_json::{Value, json};

async fn create_with_key(world: &World, fields: &Value) -> Reply {
    let request = World::request(Method::POST, OWN).header("idempotency-key", "k");
    let request = request.body(own_with(fields).to_string().into());
    world.send(request.expect("a request")).await
}

/// Does something twice, the first time on a wire that is cut; returns the second reply, and
/// whether the wire was cut at all.
async fn twice(world: &World, requests: usize, ask: impl AsyncFn() -> Reply) -> (Reply, bool) {
    world.wire.cut_after(requests);
    let first = ask().await;
    let is_cut = world.wire.mend();
    assert_eq!(first.status.is_server_error(), is_cut, "{}", first.json);
    (ask().await, is_cut)
}

async fn report(world: &World, name: &str) {
    let body = json!({ "id": name, "type": name });
    let reply = world.call(Method::POST, "/herald/v1/events", body).await;
    assert_eq!(reply.status, 202, "{}", reply.json);
}

#[tokio::test]
async fn a_creation_that_is_repeated_makes_one_whole_policy() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let mut fields = everything();
        fields["recipients"] = json!([receiver.url("/hook")]);
        // It shall be told of events at once, each by itself.
        fields["status"] = json!("active");
        fields["health"] = json!(null);
        fields["deliveryMode"] = json!("independent");
        let (reply, is_cut) = twice(&world, requests, async || {
            create_with_key(&world, &fields).await
        })
        .await;
        assert_eq!(reply.status, 201, "cut after {requests}: {}", reply.json);
        assert_eq!(world.get(OWN).await["items"], json!([reply.json]));
        for name in ["order.paid", "INVOICE_ISSUED", "order.failed"] {
            report(&world, name).await;
        }
        world.settle().await;
        assert_eq!(receiver.received().len(), 2, "cut after {requests}");
        if !is_cut {
            return;
        }
    }
}

#[tokio::test]
async fn a_change_that_is_repeated_is_heard_by_what_it_says() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let fields = json!({ "recipients": [receiver.url("/hook")], "eventTypes": ["order.paid"] });
        let policy = own(&world, fields).await;
        let body =
            json!({ "eventTypes": ["order.failed", "order.placed"], "headers": { "X": "x" } });
        let (reply, is_cut) = twice(&world, requests, async || {
            change(&world, &policy, body.clone()).await
        })
        .await;
        assert_eq!(
            reply.json["eventTypes"], body["eventTypes"],
            "cut after {requests}"
        );
        for name in ["order.paid", "order.failed", "order.placed"] {
            report(&world, name).await;
        }
        world.settle().await;
        assert_eq!(world.deliveries("order.paid").await, [json!(null); 0]);
        assert_eq!(receiver.received().len(), 2, "cut after {requests}");
        if !is_cut {
            return;
        }
    }
}

#[tokio::test]
async fn what_a_removed_recipient_left_is_cancelled_whenever_the_wire_was_cut() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start(vec![Answer::Status(500); 20]).await;
        let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
        world.report("e").await;
        world.settle().await;
        let body = json!({ "recipients": ["https://hooks.example.com/new"] });
        world.wire.cut_after(requests);
        let reply = change(&world, &policy, body.clone()).await;
        let is_cut = world.wire.mend();
        assert_eq!(reply.status.is_server_error(), is_cut);
        let target = world.get(&path(&policy)).await["recipients"][0]["target"].clone();
        world.settle().await;
        world.turn(MAX_DELAY).await;
        let is_removed = target == body["recipients"][0];
        let status = world.delivery("e").await["status"].clone();
        let expected = if is_removed { "cancelled" } else { "waiting" };
        assert_eq!(status, expected, "cut after {requests}");
        world.may_leave_messages();
        if !is_cut {
            return;
        }
    }
}

#[tokio::test]
async fn a_rotation_that_is_repeated_leaves_no_webhook_that_the_old_secret_does_not_verify() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let policy = own(&world, json!({ "recipients": [receiver.url("/hook")] })).await;
        let secret = format!("{}/secret", path(&policy));
        world.report("before").await;
        world.settle().await;
        let rotate = format!("{}/rotate-secret", path(&policy));
        let (reply, is_cut) = twice(&world, requests, async || {
            world.call(Method::POST, &rotate, json!({})).await
        })
        .await;
        assert_eq!(reply.status, 200, "cut after {requests}: {}", reply.json);
        assert_eq!(world.get(&secret).await["secret"], reply.json["secret"]);
        world.report("after").await;
        world.settle().await;
        let received = receiver.received();
        let signatures = received[1].header("webhook-signature").split(' ').count();
        assert!(
            (2..=3).contains(&signatures),
            "cut after {requests}: {signatures}"
        );
        if !is_cut {
            return;
        }
    }
}

#[tokio::test]
async fn a_post_to_unsubscribe_that_is_repeated_unsubscribes() {
    for requests in 0.. {
        let world = World::new().await;
        let policy = crate::unsubscribe::mail_policy(&world, "Ledger").await;
        let token = token_of(&world, world.tenant, &policy).await;
        world.wire.cut_after(requests);
        let first = page(&world, Method::POST, &token).await;
        let is_cut = world.wire.mend();
        assert_eq!(first.status.is_server_error(), is_cut);
        assert_eq!(page(&world, Method::POST, &token).await.status, 200);
        let shown = world.get(&path(&policy)).await;
        assert_eq!(
            shown["recipients"][0]["reason"], "unsubscribed",
            "cut after {requests}"
        );
        assert_eq!(shown["version"], 2);
        if !is_cut {
            return;
        }
    }
}
