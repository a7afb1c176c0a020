//! The local service's first account can be deleted like any other, and a restart makes a new one.

use crate::restart::{call, clock, folder, settle, start};
use data_encoding::BASE64;
use herald::queue::MAX_DELAY;
use herald_local::setup::Setup;
use http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

const POLICIES: &str = "/api/notifications/policies";

/// What the first account's credential is answered.
async fn ask(setup: &Setup) -> (u16, Value) {
    call(&setup.service.router(), Method::GET, POLICIES, json!(null)).await
}

async fn delete_account(setup: &Setup) -> u16 {
    let request = Request::delete("/herald/v1/accounts/invoicetest")
        .header(
            "authorization",
            format!(
                "Basic {}",
                BASE64.encode(setup.operator.exposed().as_bytes())
            ),
        )
        .body(String::new());
    let router = setup.service.router();
    let reply = router.oneshot(request.expect("a request")).await;
    reply.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_restart_in_the_middle_of_its_erasure_ends_it_and_the_next_makes_a_new_one() {
    let (folder, clock) = (folder("first-account"), clock());
    let first = start(&folder, &clock).await;
    let old = first.account;
    assert_eq!(ask(&first).await.0, 200);
    assert_eq!(delete_account(&first).await, 202);
    drop(first);

    let second = start(&folder, &clock).await;
    assert_eq!(second.account, old, "it is not erased yet");
    assert_eq!(ask(&second).await.0, 401, "and opens nothing");
    settle(&second).await;
    clock.advance(MAX_DELAY);
    settle(&second).await;
    assert_eq!(delete_account(&second).await, 404);
    drop(second);

    let third = start(&folder, &clock).await;
    assert_ne!(third.account, old);
    let (status, listed) = ask(&third).await;
    assert_eq!((status, &listed["items"]), (200, &json!([])));
}
