//! The link of a mail: looking at it changes nothing, and one click ends the mails to its reader.

use super::inbox::{Mail, addresses, happen, mails, only_mail, own_policy, path, suspensions};
use herald::queue::QueueName;
use herald_local::world::{Reply, World};
use http::{Method, Request, header};
use serde_json::{Value, json};

/// Opens a link as the reader of a mail does, whom the API knows by nothing but the link.
async fn open(world: &World, method: Method, link: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(link)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click".into());
    world.send(request.expect("a request")).await
}

fn mail_to(world: &World, address: &str) -> Mail {
    let mail = mails(world).into_iter().find(|mail| mail.to() == address);
    mail.expect("a mail to the address")
}

#[tokio::test]
async fn looking_at_the_link_changes_nothing_and_one_click_ends_the_mails() {
    let world = World::new().await;
    let policy = own_policy(&world, &["leaves@example.com", "stays@example.com"]).await;
    happen(&world, "first").await;
    let link = mail_to(&world, "leaves@example.com").link();
    for _ in 0..2 {
        let page = open(&world, Method::GET, &link).await;
        assert_eq!(page.status, 200);
        let kind = page.headers[header::CONTENT_TYPE].to_str().expect("a text");
        assert!(kind.starts_with("text/html"), "{kind}");
    }
    assert_eq!(
        suspensions(&world, &policy).await,
        [json!(null), json!(null)]
    );

    for _ in 0..2 {
        assert_eq!(open(&world, Method::POST, &link).await.status, 200);
        let expected = [json!("unsubscribed"), json!(null)];
        assert_eq!(suspensions(&world, &policy).await, expected);
    }
    happen(&world, "second").await;
    assert_eq!(
        world.delivery("second").await["target"],
        "stays@example.com"
    );
    let expected = [
        "leaves@example.com",
        "stays@example.com",
        "stays@example.com",
    ];
    assert_eq!(addresses(&world), expected);

    let again = json!({
        "recipients": [{ "target": "leaves@example.com", "status": "active" }, "stays@example.com"],
    });
    let unaware = world
        .call(Method::PATCH, &path(&policy), again.clone())
        .await;
    assert_eq!(unaware.status, 409, "{}", unaware.json);
    let version = world.get(&path(&policy)).await["version"].to_string();
    let aware = World::request(Method::PATCH, &path(&policy))
        .header(header::IF_MATCH, format!("\"{version}\""))
        .body(again.to_string().into());
    let revived = world.send(aware.expect("a request")).await;
    assert_eq!(revived.status, 200, "{}", revived.json);
    happen(&world, "third").await;
    assert_eq!(world.deliveries("third").await.len(), 2);
}

#[tokio::test]
async fn who_unsubscribed_gets_neither_what_was_on_its_way_nor_a_test() {
    let world = World::new().await;
    let policy = own_policy(&world, &["leaves@example.com"]).await;
    happen(&world, "first").await;
    let link = only_mail(&world).link();
    world.report("on-its-way").await;
    world.service.step(QueueName::Events).await.expect("a step");
    open(&world, Method::POST, &link).await;
    world.settle().await;
    let delivery = world.delivery("on-its-way").await;
    assert_eq!(delivery["reason"], "recipient_suspended", "{delivery}");
    let test = format!("{}/test", path(&policy));
    let reply = world.call(Method::POST, &test, json!({})).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["success"]),
        (200, &json!(false))
    );
    only_mail(&world);
}

#[tokio::test]
async fn a_link_is_about_one_recipient_of_one_policy() {
    let world = World::new().await;
    let left = own_policy(&world, &["a@example.com"]).await;
    happen(&world, "first").await;
    let link = only_mail(&world).link();
    let other = own_policy(&world, &["a@example.com"]).await;
    assert_eq!(open(&world, Method::POST, &link).await.status, 200);
    assert_eq!(suspensions(&world, &left).await, [json!("unsubscribed")]);
    assert_eq!(suspensions(&world, &other).await, [json!(null)]);
    happen(&world, "second").await;
    assert_eq!(world.delivery("second").await["policyId"], other["id"]);
}

#[tokio::test]
async fn a_link_that_was_changed_or_leads_to_what_is_gone_suspends_nobody() {
    let world = World::new().await;
    let policy = own_policy(&world, &["a@example.com"]).await;
    happen(&world, "e").await;
    let link = only_mail(&world).link();
    let (prefix, token) = link.rsplit_once('/').expect("a token");
    for place in 0..token.len() {
        let mut forged = token.as_bytes().to_vec();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        let answer = open(&world, Method::POST, &format!("{prefix}/{forged}")).await;
        assert_eq!(answer.status, 404, "{forged}");
    }
    assert_eq!(suspensions(&world, &policy).await, [json!(null)]);
    world
        .call(Method::DELETE, &path(&policy), Value::Null)
        .await;
    for method in [Method::GET, Method::POST] {
        assert_eq!(open(&world, method, &link).await.status, 404);
    }
    world.settle().await;
}
