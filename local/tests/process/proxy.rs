use crate::program::{Program, client, folder};
use herald_local::world::receiver::Receiver;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_pass_by_the_proxies_of_the_environment() {
    let (receiver, proxy) = (Receiver::start([]).await, Receiver::start([]).await);
    let program = Program::start_behind(&proxy.base, &folder("proxy"));
    let policy =
        json!({ "name": "P", "channel": "WEBHOOK", "recipients": [receiver.url("/hook")] });
    let event = json!({ "type": "INVOICE_ISSUED" });
    for (path, body, status) in [
        ("/api/notifications/policies", policy, 201),
        ("/herald/v1/events", event, 202),
    ] {
        let answered = program.post(&client(), path, body).await;
        assert_eq!(answered.map(|status| status.as_u16()), Some(status));
    }
    tokio::select! {
        () = receiver.until(1) => {}
        () = proxy.until(1) => panic!("{:?}", proxy.received()),
    }
}
