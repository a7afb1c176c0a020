//! The service may stop between any two of its steps: every accepted event is delivered all the
//! same, and what is shown is consistent.
use herald_local::{
    queue::VISIBILITY,
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Reports an event, has its first attempt refused and its second accepted.
async fn story(world: &World) -> bool {
    let accepted = world.report("e").await.status == 202;
    for wait in [0, 10, 400] {
        world.clock.advance(Duration::from_secs(wait));
        // The timer may stop like everything else.
        let _ = world.service.tick().await;
        world.settle().await;
    }
    accepted
}

/// Lets everything that is left happen.
async fn recover(world: &World) {
    for _ in 0..6 {
        world.turn(VISIBILITY.unsigned_abs()).await;
    }
    world.turn(DAY).await;
}

#[tokio::test]
async fn a_stop_between_any_two_steps_loses_nothing() {
    let mut stops = 0;
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([Answer::Status(500)]).await;
        world.policy(&[receiver.url("/hook")]).await;
        world.wire.cut_after(requests);
        let accepted = story(&world).await;
        let was_cut = world.wire.mend();
        if !accepted {
            // The caller was told that nothing is known, and does what it is told to.
            assert_eq!(world.report("e").await.status, 202);
        }
        recover(&world).await;
        let delivery = world.delivery("e").await;
        assert_eq!(
            delivery["status"], "delivered",
            "stopped after {requests} requests"
        );
        let attempts = delivery["attempts"].as_array().expect("attempts");
        let numbers: Vec<_> = attempts.iter().map(|a| a["number"].clone()).collect();
        let expected: Vec<_> = (1..=attempts.len()).map(|n| json!(n)).collect();
        assert_eq!(numbers, expected, "stopped after {requests} requests");
        if !was_cut {
            break;
        }
        stops += 1;
    }
    assert!(stops > 15, "the story has more steps than {stops}");
}

#[tokio::test]
async fn a_stop_while_a_policy_is_made_leaves_none_or_one_that_works() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let body = json!({
            "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/hook")],
            "notificationTypes": ["INVOICE_ISSUED", "INVOICE_CREATED"],
        });
        let create = || {
            let request = World::request(http::Method::POST, "/api/notifications/policies")
                .header("idempotency-key", "once")
                .body(body.to_string().into());
            request.expect("a request")
        };
        world.wire.cut_after(requests);
        let first = world.send(create()).await.status;
        let was_cut = world.wire.mend();
        assert!(first == 201 || first == 500, "{first}");
        assert_eq!(world.send(create()).await.status, 201);
        let listed = world.get("/api/notifications/policies").await;
        assert_eq!(
            listed["pagination"]["totalResultSize"], 1,
            "stopped after {requests} requests"
        );
        world.report("e").await;
        world.settle().await;
        assert_eq!(
            receiver.received().len(),
            1,
            "stopped after {requests} requests"
        );
        if !was_cut {
            return;
        }
    }
}

#[tokio::test]
async fn a_stop_while_a_policy_is_changed_or_deleted_leaves_it_whole() {
    for requests in 0.. {
        let world = World::new().await;
        let receiver = Receiver::start([]).await;
        let body = json!({
            "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/hook")],
            "notificationTypes": ["INVOICE_CREATED"],
        });
        let path = "/api/notifications/policies";
        let policy = world.call(http::Method::POST, path, body).await.json;
        let path = format!("{path}/{}", policy["id"].as_str().expect("an id"));
        world.wire.cut_after(requests);
        let types = json!({ "notificationTypes": ["INVOICE_ISSUED"] });
        let added = world
            .call(
                http::Method::POST,
                &format!("{path}/notification-types"),
                types,
            )
            .await;
        let gone = format!("{path}/notification-types/INVOICE_CREATED");
        let removed = world
            .call(http::Method::DELETE, &gone, serde_json::Value::Null)
            .await;
        let was_cut = world.wire.mend();
        let shown = world.get(&path).await;
        world.report("e").await;
        world.settle().await;
        let names = shown["notificationTypes"].as_array().expect("types");
        let hears = names.contains(&"INVOICE_ISSUED".into());
        assert_eq!(
            receiver.received().len(),
            usize::from(hears),
            "stopped after {requests}: {shown}"
        );
        if !was_cut {
            assert_eq!((added.status.as_u16(), removed.status.as_u16()), (200, 200));
            return;
        }
    }
}
