//! The mailbox at `/local/mail`: what it shows, and what it can be told.

use crate::program::{Program, client, folder};
use reqwest::{Client, Method, Response, header};
use serde_json::{Value, json};
use std::fs;

/// Whoever wrote this mail means no good.
const HOSTILE: &str = "From: a@example.com\r\nTo: \"</p><script>\" <b@example.com>\r\n\
    Subject: \"><script>alert(1)</script>\r\nX-Bad: </pre><script>\r\n\
    List-Unsubscribe: <javascript:\"><script>>\r\n\
    Content-Type: text/html\r\n\r\n<p>\"'</p><script>alert(2)</script>\r\n";

async fn ask(program: &Program, client: &Client, method: Method, path: &str) -> Response {
    let url = format!("{}{path}", program.base);
    client.request(method, url).send().await.expect("an answer")
}

async fn json_of(response: Response) -> Value {
    serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
}

/// The path of the only mail, which an event brought about.
async fn sent(program: &Program, client: &Client) -> String {
    let policy = json!({ "name": "M", "channel": "email", "recipients": ["jo@example.com"] });
    let event = json!({ "type": "INVOICE_ISSUED", "resourceId": "inv_1" });
    for (path, body) in [
        ("/herald/v1/policies", policy),
        ("/herald/v1/events", event),
    ] {
        let status = program.post(client, path, body).await;
        assert!(
            status.is_some_and(|status| status.is_success()),
            "{path}: {status:?}"
        );
    }
    let listed = json_of(ask(program, client, Method::GET, "/local/mail").await).await;
    let mail = &listed[0];
    assert_eq!(mail["to"], "jo@example.com");
    assert_eq!(mail["subject"], "Invoice issued: inv_1");
    let link = mail["unsubscribe"].as_str().expect("a link");
    assert!(
        link.starts_with(&format!("{}/herald/v1/unsubscribe/", program.base)),
        "{link}"
    );
    assert!(
        mail["text"].as_str().expect("a text").contains(link),
        "{mail}"
    );
    format!("/local/mail/{}", mail["file"].as_str().expect("a file"))
}

#[tokio::test]
async fn a_mail_is_shown_and_comes_back_when_asked_to() {
    let program = Program::start(&folder("mailbox-bounce"));
    let client = client();
    let path = sent(&program, &client).await;
    let before = json_of(ask(&program, &client, Method::GET, &path).await).await;
    assert_eq!(
        (&before["delivery"], &before["suspended"]),
        (&json!("delivered"), &Value::Null)
    );
    let raw = ask(&program, &client, Method::GET, &format!("{path}/raw")).await;
    assert_eq!(raw.headers()[header::CONTENT_TYPE], "message/rfc822");

    let told = ask(&program, &client, Method::POST, &format!("{path}/bounce")).await;

    assert_eq!(told.status(), 202);
    assert_eq!(json_of(told).await["detail"]["eventType"], "Bounce");
    let after = json_of(ask(&program, &client, Method::GET, &path).await).await;
    assert_eq!(
        (&after["delivery"], &after["suspended"]),
        (&json!("failed"), &json!("bounced"))
    );
}

#[tokio::test]
async fn a_mail_is_complained_about_when_asked_to() {
    let program = Program::start(&folder("mailbox-complaint"));
    let client = client();
    let path = sent(&program, &client).await;

    let told = ask(&program, &client, Method::POST, &format!("{path}/complain")).await;

    assert_eq!(told.status(), 202);
    let after = json_of(ask(&program, &client, Method::GET, &path).await).await;
    assert_eq!(after["suspended"], "complained");
}

#[tokio::test]
async fn a_hostile_mail_does_nothing_to_who_looks_at_it() {
    let folder = folder("mailbox-hostile");
    fs::create_dir_all(folder.join("mail")).expect("a folder");
    fs::write(folder.join("mail/hostile.eml"), HOSTILE).expect("a file");
    fs::write(folder.join("secret.eml"), "").expect("a file");
    let program = Program::start(&folder);
    let client = client();
    for path in ["/local/mail", "/local/mail/hostile.eml"] {
        let url = format!("{}{path}", program.base);
        let page = client
            .get(url)
            .header(header::ACCEPT, "text/html,*/*")
            .send()
            .await;
        let page = page.expect("an answer");
        let guard = page.headers()[header::CONTENT_SECURITY_POLICY].to_str();
        assert!(guard.is_ok_and(|guard| guard.starts_with("default-src 'none'")));
        let html = page.text().await.expect("a page");
        assert!(
            html.contains("alert(1)") && !html.contains("<script"),
            "{html}"
        );
        assert!(!html.contains("href=\"javascript:"), "{html}");
    }
    for (method, path, status) in [
        (Method::POST, "/local/mail/hostile.eml/bounce", 409),
        (Method::POST, "/local/mail/hostile.eml/other", 404),
        (Method::GET, "/local/mail/..%2Fsecret.eml", 404),
        (Method::GET, "/local/mail/..%2Fsecret.eml/raw", 404),
        (Method::GET, "/local/mail/other.eml", 404),
        (Method::GET, "/local/mail/hostile.json", 404),
    ] {
        let answer = ask(&program, &client, method, path).await;
        assert_eq!(answer.status(), status, "{path}");
    }
}
