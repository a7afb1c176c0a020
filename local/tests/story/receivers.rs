//! Receivers that behave badly.

use axum::{Router, serve::ListenerExt};
use futures::{FutureExt, future::BoxFuture};
use herald::destination::DestinationRules;
use herald_local::{
    service::{Parts, Service},
    world::{
        World,
        receiver::{Answer, Receiver},
    },
};
use herald_webhook::client::Lookup;
use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

async fn first_attempt(answer: Answer) -> serde_json::Value {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([answer]).await;
    world.policy(&[receiver.url("/hook")]).await;
    world.report("e").await;
    world.settle().await;
    world.delivery("e").await
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_has_not_answered() {
    let delivery = first_attempt(Answer::Never).await;
    assert_eq!(delivery["status"], "waiting");
    let attempt = &delivery["attempts"][0];
    assert_eq!(attempt["error"], "the receiver did not answer in time");
    assert_eq!(attempt["statusCode"], serde_json::Value::Null);
}

#[tokio::test]
async fn the_status_counts_whatever_becomes_of_the_body() {
    let delivery = first_attempt(Answer::Stalled).await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"][0]["answer"], "half");
}

#[tokio::test]
async fn a_body_that_breaks_off_takes_nothing_from_the_status() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    world.policy(&[format!("http://{address}/hook")]).await;
    world.report("e").await;
    let receiver = async {
        let (mut connection, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 4_096];
        let read = connection.read(&mut request).await.expect("a request");
        assert!(read > 0);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nha";
        connection.write_all(answer).await.expect("an answer");
    };
    tokio::join!(receiver, world.settle());
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["status"], "delivered", "{delivery}");
    assert_eq!(delivery["attempts"][0]["answer"], "ha");
}

#[tokio::test]
async fn of_an_endless_body_the_start_is_kept() {
    let delivery = first_attempt(Answer::Endless).await;
    assert_eq!(delivery["status"], "delivered");
    let answer = delivery["attempts"][0]["answer"]
        .as_str()
        .expect("an answer");
    assert_eq!(answer, "x".repeat(4 * 1024));
}

/// How many connections two webhooks take, each of which is answered with so many bytes.
async fn connections(bytes: usize) -> usize {
    let mut world = World::new().await;
    world.be_patient();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let listener = listener.tap_io(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let app = Router::new().fallback(async move || "x".repeat(bytes));
    tokio::spawn(axum::serve(listener, app).into_future());
    world.policy(&[format!("http://{address}/hook")]).await;
    for id in ["a", "b"] {
        world.report(id).await;
        world.settle().await;
        assert_eq!(world.delivery(id).await["status"], "delivered");
    }
    count.load(Ordering::SeqCst)
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_limit_and_beyond_it_costs_the_connection() {
    assert_eq!(connections(63 * 1024).await, 1);
    assert_eq!(connections(4 * 1024 * 1024).await, 2);
}

#[tokio::test]
async fn the_start_of_an_answer_is_kept() {
    let delivery = first_attempt(Answer::Body(503, "we are sorry".into())).await;
    assert_eq!(delivery["attempts"][0]["answer"], "we are sorry");
    assert_eq!(delivery["attempts"][0]["statusCode"], 503);
}

#[tokio::test]
async fn a_closed_port_is_an_outcome() {
    let world = World::new().await;
    world.may_leave_messages();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    world.policy(&[url]).await;
    world.report("e").await;
    world.settle().await;
    let delivery = world.delivery("e").await;
    let error = delivery["attempts"][0]["error"].as_str().expect("an error");
    assert!(error.contains("refused"), "{error}");
}

/// Answers every name with the same addresses.
#[derive(Debug)]
struct Fixed(Vec<IpAddr>);

impl Lookup for Fixed {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let addresses = self.0.clone();
        async { Ok(addresses) }.boxed()
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_never_connected_to() {
    for addresses in [&["127.0.0.1"][..], &["93.184.216.34", "10.0.0.5"], &["::1"]] {
        let mut world = World::new().await;
        world.may_leave_messages();
        let parse = |address: &&str| address.parse().expect("an address");
        let lookup = Fixed(addresses.iter().map(parse).collect());
        let parts = Parts {
            lookup: Arc::new(lookup),
            ..world.service.parts.clone()
        };
        world.service = Service::new(parts).expect("a service");
        world
            .policy(&["https://rebind.example/hook".to_owned()])
            .await;
        world.report("e").await;
        world.settle().await;
        let delivery = world.delivery("e").await;
        assert_eq!(
            delivery["attempts"][0]["error"],
            "the host name leads to a private or reserved address",
            "{addresses:?}"
        );
    }
}

#[tokio::test]
async fn a_stored_url_is_checked_again_before_every_attempt() {
    let mut world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    let parts = Parts {
        rules: DestinationRules::strict(),
        ..world.service.parts.clone()
    };
    world.service = Service::new(parts).expect("a service");
    world.report("e").await;
    world.settle().await;
    let delivery = world.delivery("e").await;
    assert_eq!(
        delivery["attempts"][0]["error"],
        "the URL must be an https URL"
    );
    assert!(receiver.received().is_empty());
}
