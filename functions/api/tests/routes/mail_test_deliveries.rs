//! `POST …/{id}/test` of a mailbox: a mail, unless whoever reads it does not want any.

use crate::{
    own_policies::{own, path},
    suppressions::suppress,
    test_deliveries::test_delivery,
};
use herald::{
    id::{PolicyId, RecipientId},
    recipient::SuspensionReason,
};
use herald_local::{mail::KeptMail, world::World};
use serde_json::{Value, json};

/// The texts of the mails that were sent.
pub(crate) fn mails(world: &World) -> Vec<String> {
    let kept = world.mails.newest(100).expect("a folder");
    let text = |mail: KeptMail| String::from_utf8(mail.raw).expect("a text");
    kept.into_iter().map(text).collect()
}

pub(crate) async fn suspend(world: &World, policy: &Value, reason: SuspensionReason) {
    let id: PolicyId = policy["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let recipient = policy["recipients"][0]["id"].as_str().expect("an id");
    let recipient = RecipientId::try_from(recipient.to_owned()).expect("an id");
    let parts = &world.service.parts;
    let now = parts.clock.now();
    let suspended = parts
        .store
        .suspend_recipient((world.tenant, id), &recipient, reason, now);
    let _ = suspended.await.expect("the store answers");
}

#[tokio::test]
async fn a_test_delivery_of_a_mailbox_is_a_mail() {
    let world = World::new().await;
    let mail = json!({ "channel": "email", "recipients": ["a@example.com"] });
    let policy = own(&world, mail).await;
    let reply = test_delivery(&world, &policy, "").await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["success"]),
        (200, &json!(true)),
        "{}",
        reply.json
    );
    assert_eq!(reply.json["message"], "the mail is on its way");
    let [text] = &mails(&world)[..] else {
        panic!("one mail");
    };
    assert!(text.contains("a@example.com"), "{text}");
    assert_eq!(world.get("/herald/v1/deliveries").await["items"], json!([]));
}

#[tokio::test]
async fn a_listed_address_gets_no_mail_by_a_test_delivery() {
    let world = World::new().await;
    let mail = json!({ "channel": "email", "recipients": ["a@example.com"] });
    let policy = own(&world, mail).await;
    suppress(&world, world.tenant, "A@example.com").await;
    let reply = test_delivery(&world, &policy, "").await;
    let message = "the mail came back: an earlier one did: 550 no such <mailbox>";
    assert_eq!(
        (&reply.json["success"], &reply.json["message"]),
        (&json!(false), &json!(message))
    );
    assert_eq!(mails(&world), [""; 0]);
    assert_eq!(
        world.get(&path(&policy)).await,
        policy,
        "a test delivery suspends nobody"
    );
}

#[tokio::test]
async fn whoever_does_not_want_mails_gets_none_by_a_test_delivery() {
    for (reason, message) in [
        (
            SuspensionReason::Unsubscribed,
            "the recipient is suspended: who reads it unsubscribed",
        ),
        (
            SuspensionReason::Complained,
            "the recipient is suspended: who reads it called a mail unwanted",
        ),
        (
            SuspensionReason::Bounced,
            "the recipient is suspended: a mail to it came back",
        ),
    ] {
        let world = World::new().await;
        let addresses = ["a@example.com", "b@example.com"];
        let mail = json!({ "channel": "email", "recipients": addresses });
        let policy = own(&world, mail).await;
        suspend(&world, &policy, reason).await;
        let reply = test_delivery(&world, &policy, "").await;
        let expected = json!({ "success": false, "message": message, "attempt": null });
        assert_eq!((reply.status.as_u16(), reply.json), (200, expected));
        assert_eq!(mails(&world), [""; 0]);
        let other = test_delivery(&world, &policy, r#"{"recipient":"b@example.com"}"#).await;
        assert_eq!(other.json["success"], true, "{}", other.json);
    }
}
