//! The link of mails: it asks first, and acts only when it is posted to.

use crate::{
    mail_test_deliveries::{mails, suspend},
    own_policies::{own, path},
};
use herald::{
    id::RecipientId,
    recipient::SuspensionReason,
    tenant::Tenant,
    unsubscribe::{PATH, UnsubscribeToken},
};
use herald_local::world::World;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A page as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// Asks for a page, without a credential.
pub(crate) async fn page(world: &World, method: Method, token: &str) -> Page {
    let request = Request::builder()
        .method(method)
        .uri(format!("{PATH}{token}"));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from("List-Unsubscribe=One-Click"))
        .expect("a request");
    let response = world
        .service
        .router()
        .oneshot(request)
        .await
        .expect("an answer");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("a body");
    Page {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).expect("a text"),
    }
}

pub(crate) async fn mail_policy(world: &World, name: &str) -> Value {
    let recipients = ["jane@example.com", "joe@example.com"];
    let fields = json!({ "name": name, "channel": "email", "recipients": recipients });
    own(world, fields).await
}

/// The token of a policy's first recipient, as a tenant's.
pub(crate) async fn token_of(world: &World, owner: Tenant, policy: &Value) -> String {
    let recipient = policy["recipients"][0]["id"].as_str().expect("an id");
    let token = UnsubscribeToken {
        owner,
        policy: policy["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("an id"),
        recipient: RecipientId::try_from(recipient.to_owned()).expect("an id"),
    };
    let token = token.sign(&world.service.parts.vault).await;
    token.expect("a token")
}

fn assert_guarded(page: &Page) {
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("a text");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(page.text.starts_with("<!doctype html>"), "{}", page.text);
    assert!(page.text.contains("Example"), "the operator's name");
}

#[tokio::test]
async fn the_link_asks_first_and_changes_nothing() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let token = token_of(&world, world.tenant, &policy).await;
    let asked = page(&world, Method::GET, &token).await;
    assert_eq!(asked.status, 200);
    assert_guarded(&asked);
    for told in ["Ledger", "j…@example.com", "<form method=\"post\">"] {
        assert!(asked.text.contains(told), "{told}: {}", asked.text);
    }
    assert!(
        !asked.text.contains("jane@"),
        "whoever was forwarded the mail sees it, too"
    );
    assert!(
        !asked.text.contains(&token),
        "the form goes to where it came from"
    );
    let head = page(&world, Method::HEAD, &token).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        assert_eq!(page(&world, method, &token).await.status, 405);
    }
    assert_eq!(world.get(&path(&policy)).await, policy);
}

#[tokio::test]
async fn a_post_unsubscribes_however_often_it_is_repeated() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let token = token_of(&world, world.tenant, &policy).await;
    for _ in 0..2 {
        let done = page(&world, Method::POST, &token).await;
        assert_eq!(done.status, 200);
        assert_guarded(&done);
        assert!(done.text.contains("You are unsubscribed") && !done.text.contains("<form"));
    }
    let shown = world.get(&path(&policy)).await;
    let expected = json!({
        "id": policy["recipients"][0]["id"], "target": "jane@example.com", "status": "suspended",
        "since": "2026-01-05T10:00:00Z", "reason": "unsubscribed",
    });
    assert_eq!(
        shown["recipients"],
        json!([expected, policy["recipients"][1]])
    );
    assert_eq!(shown["version"], 2, "the second time changes nothing");
    assert_eq!(page(&world, Method::GET, &token).await.status, 200);
    world.report("e").await;
    world.settle().await;
    let [mail] = &mails(&world)[..] else {
        panic!("one mail");
    };
    assert!(mail.contains("joe@example.com") && !mail.contains("jane@example.com"));
}

#[tokio::test]
async fn the_link_of_a_mail_leads_there() {
    let world = World::new().await;
    let fields = json!({ "channel": "email", "recipients": ["jane@example.com"] });
    let policy = own(&world, fields).await;
    world.report("e").await;
    world.settle().await;
    let [mail] = &mails(&world)[..] else {
        panic!("one mail");
    };
    let mail = mail.replace("\r\n ", "").replace("\r\n\t", "");
    assert!(
        mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{mail}"
    );
    let (_, link) = mail.split_once("List-Unsubscribe: <").expect("the header");
    let (link, _) = link.split_once('>').expect("its end");
    let start = format!("https://api.herald.example{PATH}");
    let token = link.strip_prefix(&start).expect("the API's address");
    assert_eq!(page(&world, Method::POST, token).await.status, 200);
    let shown = world.get(&path(&policy)).await;
    assert_eq!(shown["recipients"][0]["reason"], "unsubscribed");
}

#[tokio::test]
async fn no_name_becomes_markup() {
    let world = World::new().await;
    let odd = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u{202e}";
    let policy = mail_policy(&world, odd).await;
    let account = format!("/herald/v1/accounts/{}", world.tenant.account);
    let renamed = world
        .operate(Method::PATCH, &account, json!({ "name": odd }))
        .await;
    assert_eq!(renamed.status, 200, "{}", renamed.json);
    let token = token_of(&world, world.tenant, &policy).await;
    for method in [Method::GET, Method::POST] {
        let page = page(&world, method, &token).await;
        assert_eq!(page.status, 200);
        assert!(
            page.text.contains("alert(1)"),
            "the name is there, as a text"
        );
        for markup in ["<script", "<img", "</script"] {
            assert!(!page.text.contains(markup), "{}", page.text);
        }
    }
}

#[tokio::test]
async fn whoever_unsubscribes_stays_so_though_others_change_the_policy() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let token = token_of(&world, world.tenant, &policy).await;
    assert_eq!(page(&world, Method::POST, &token).await.status, 200);
    let body = json!({ "recipients": ["joe@example.com", "jane@example.com"] });
    let changed = world.call(Method::PATCH, &path(&policy), body).await;
    assert_eq!(changed.json["recipients"][1]["reason"], "unsubscribed");
    suspend(&world, &policy, SuspensionReason::Bounced).await;
    let lifted = world.call(
        Method::DELETE,
        "/herald/v1/suppressions/jane@example.com",
        json!(null),
    );
    assert_eq!(lifted.await.status, 404);
    let shown = world.get(&path(&policy)).await;
    assert_eq!(shown["recipients"][1]["reason"], "unsubscribed");
}

#[tokio::test]
async fn an_unsubscription_outweighs_what_suspended_the_recipient_before() {
    for before in [SuspensionReason::ByHand, SuspensionReason::Bounced] {
        let world = World::new().await;
        let policy = mail_policy(&world, "Ledger").await;
        suspend(&world, &policy, before).await;
        let token = token_of(&world, world.tenant, &policy).await;
        assert_eq!(page(&world, Method::POST, &token).await.status, 200);
        let lifted = "/herald/v1/suppressions/jane@example.com";
        assert_eq!(
            world.call(Method::DELETE, lifted, json!(null)).await.status,
            404
        );
        let shown = world.get(&path(&policy)).await;
        let recipient = &shown["recipients"][0];
        assert_eq!(recipient["reason"], "unsubscribed", "{before:?}");
        assert_eq!(recipient["status"], "suspended");
    }
}
