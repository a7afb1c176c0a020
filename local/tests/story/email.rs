//! E-mail: one message for each recipient, that says what happened, and from whom.

mod failures;
pub(crate) mod inbox;
mod unsubscribe;

use herald_local::{setup::MAIL_FROM, world::World};
use http::Method;
use inbox::{addresses, happen, mails, only_mail, own_policy, path, retry, sequence_policy};
use mail_parser::MimeHeaders;
use serde_json::json;

#[tokio::test]
async fn every_recipient_of_a_policy_of_either_dialect_gets_a_mail_of_its_own() {
    let world = World::new().await;
    let policy = sequence_policy(&world, &["finance@example.com", "operations@example.com"]).await;
    assert_eq!(policy.get("webhookSecret"), None);
    own_policy(&world, &["finance@example.com", "audit@example.com"]).await;
    happen(&world, "e").await;
    let expected = [
        "audit@example.com",
        "finance@example.com",
        "finance@example.com",
        "operations@example.com",
    ];
    assert_eq!(addresses(&world), expected);
    let deliveries = world.deliveries("e").await;
    assert_eq!(deliveries.len(), 4);
    for delivery in deliveries {
        assert_eq!(delivery["status"], "delivered", "{delivery}");
        let id = delivery["id"].as_str().expect("an id");
        let shown = world.get(&format!("/herald/v1/deliveries/{id}")).await;
        let name = format!("{id}-1.eml");
        let attempt = &shown["attempts"][0];
        assert_eq!(attempt["statusCode"], 200, "{attempt}");
        assert_eq!(attempt["answer"], name, "what the mailer called it");
        let mail = mails(&world).into_iter().find(|mail| mail.name() == name);
        let to = mail.expect("the delivery's mail").to();
        assert_eq!(delivery["target"], to, "nobody else is told of in it");
    }
}

#[tokio::test]
async fn a_mail_says_what_happened_in_plain_text_and_in_html() {
    let world = World::new().await;
    own_policy(&world, &["finance@example.com"]).await;
    happen(&world, "inv_7").await;
    let mail = only_mail(&world);
    assert!(mail.0.raw.is_ascii());
    let message = mail.parsed();
    let kind = message.content_type().expect("a type");
    assert_eq!(
        (kind.ctype(), kind.subtype()),
        ("multipart", Some("alternative"))
    );
    assert_eq!(message.parts.len(), 3, "the message and its two parts");
    assert_eq!(
        (message.text_body_count(), message.html_body_count()),
        (1, 1)
    );
    let subject = message.subject().expect("a subject").to_owned();
    let text = message.body_text(0).expect("plain text");
    let html = message.body_html(0).expect("HTML");
    for part in [&text, &html] {
        for told in [
            "inv_7",
            "12.00",
            "Finance team",
            "INVOICE_ISSUED",
            &mail.link(),
        ] {
            assert!(part.contains(told), "{told} is missing in {part}");
        }
    }
    assert!(subject.contains("inv_7"), "{subject}");
}

#[tokio::test]
async fn the_headers_say_who_writes_and_how_to_hear_no_more() {
    let world = World::new().await;
    own_policy(&world, &["finance@example.com"]).await;
    happen(&world, "e").await;
    let id = world.delivery("e").await["id"].clone();
    let id = id.as_str().expect("an id");
    let mail = only_mail(&world);
    let message = mail.parsed();
    let from = message
        .from()
        .and_then(|from| from.first())
        .expect("a sender");
    assert_eq!(
        (from.name(), from.address()),
        (Some("Example"), Some(MAIL_FROM))
    );
    let domain = MAIL_FROM.rsplit_once('@').expect("a domain").1;
    assert_eq!(
        message.message_id(),
        Some(format!("{id}@{domain}").as_str())
    );
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert!(mail.link().starts_with("/herald/v1/unsubscribe/1."));
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    let date = message.date().expect("a date").to_timestamp();
    assert_eq!(date, 1_767_607_200, "the world's clock");
    assert_eq!(message.header_raw("Reply-To"), None);
}

#[tokio::test]
async fn every_attempt_has_the_same_message_id_and_the_same_link() {
    let world = World::new().await;
    own_policy(&world, &["finance@example.com"]).await;
    happen(&world, "e").await;
    world.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(retry(&world, "e").await.status, 202);
    world.settle().await;
    let sent = mails(&world);
    let [first, second] = &sent[..] else {
        panic!("{} mails", sent.len());
    };
    assert!(first.name().ends_with("-1.eml") && second.name().ends_with("-2.eml"));
    assert_eq!(first.parsed().message_id(), second.parsed().message_id());
    assert_eq!(first.link(), second.link());
    assert_ne!(first.header("Date"), second.header("Date"));
    let delivery = world.delivery("e").await;
    assert_eq!(delivery["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(delivery["status"], "delivered");
}

#[tokio::test]
async fn what_customers_wrote_changes_neither_headers_nor_html() {
    let world = World::new().await;
    let body = json!({
        "name": "<b>Team</b> & Söhne", "channel": "email", "recipients": ["finance@example.com"],
    });
    let made = world.call(Method::POST, "/herald/v1/policies", body).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let event = json!({
        "id": "e", "type": "INVOICE_ISSUED",
        "resourceId": "<script>inv</script>, Bcc: thief@example.com",
        "data": { "<img src=x>": "<script>alert(1)</script>", "quoted": "\" onload=\"x\r\nBcc: x@example.com" },
    });
    let reported = world.call(Method::POST, "/herald/v1/events", event).await;
    assert_eq!(reported.status, 202, "{}", reported.json);
    world.settle().await;
    let mail = only_mail(&world);
    let message = mail.parsed();
    assert_eq!(message.header_raw("Bcc"), None);
    assert_eq!(mail.to(), "finance@example.com");
    let html = message.body_html(0).expect("HTML");
    for harm in ["<script", "<img", "<b>Team", "\" onload"] {
        assert!(!html.contains(harm), "{harm} in {html}");
    }
    let text = message.body_text(0).expect("plain text");
    for told in ["<script>alert(1)</script>", "<b>Team</b> & Söhne"] {
        assert!(text.contains(told), "{told} is missing in {text}");
    }
}

#[tokio::test]
async fn a_test_sends_one_mail_and_leaves_no_record() {
    let world = World::new().await;
    let policy = own_policy(&world, &["finance@example.com", "audit@example.com"]).await;
    let rows = world.rows_of(world.tenant.account).await;
    let test = format!("{}/test", path(&policy));
    let body = json!({ "recipient": "audit@example.com" });
    let reply = world.call(Method::POST, &test, body).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["success"]),
        (200, &json!(true))
    );
    let mail = only_mail(&world);
    assert_eq!(mail.to(), "audit@example.com");
    let text = mail.parsed().body_text(0).expect("plain text").into_owned();
    assert!(text.contains("This is a test notification."), "{text}");
    assert_eq!(world.rows_of(world.tenant.account).await, rows);
    assert_eq!(world.get("/herald/v1/deliveries").await["items"], json!([]));
}
