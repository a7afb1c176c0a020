//! The real client of SES against a server on this machine that answers as SES does
//! (`SendEmail` of its API, version 2).

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig};
use aws_sdk_sesv2::config::{Credentials, Region, SharedCredentialsProvider};
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use herald::attempt::{Answer, Outcome};
use herald_email::{
    mailer::{Mailer, MailerError, OutgoingMail},
    ses::Ses,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

/// How often the SDK tries in all.
const TRIES: usize = 3;

/// A whole message, with bytes that JSON could not hold as they are.
const RAW: &[u8] = b"From: Herald <notifications@example.com>\r\nSubject: \xff\r\n\r\nHello\r\n";

/// What a sentence of SES may hold, and nobody else shall read.
const SECRETS: [&str; 2] = ["ada@customer.example", "123456789012"];

/// What came in: method, path and body.
type Received = (Method, String, Value);

#[derive(Clone, Default)]
struct Server {
    port: u16,
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// A server that answers with these statuses and codes, and then takes every mail; and a client
    /// that sends to it.
    async fn start(answers: &[(u16, &'static str)]) -> (Self, Ses) {
        let mut server = Self::default();
        let answers = answers.iter().copied().collect();
        *server.answers.lock().expect("no holder panics") = answers;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        server.port = listener.local_addr().expect("an address").port();
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let ses = client(server.port, Some("herald"));
        (server, ses)
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no holder panics").clone()
    }
}

async fn answer(
    State(server): State<Server>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    body: Bytes,
) -> Response {
    let body = serde_json::from_slice(&body).expect("JSON");
    let mut received = server.received.lock().expect("no holder panics");
    received.push((method, uri.path().to_owned(), body));
    let answer = server.answers.lock().expect("no holder panics").pop_front();
    match answer {
        None => json!({ "MessageId": "0102018f-1" })
            .to_string()
            .into_response(),
        Some((status, code)) => {
            let [address, account] = SECRETS;
            let message = format!("Identities of {account} failed the check: {address}");
            let status = StatusCode::from_u16(status).expect("a status");
            let message = json!({ "message": message }).to_string();
            match code {
                "" => (status, message).into_response(),
                code => (status, [("x-amzn-errortype", code)], message).into_response(),
            }
        }
    }
}

/// The client as it is on Lambda, but for the pauses of the SDK.
fn client(port: u16, configuration_set: Option<&str>) -> Ses {
    let credentials = Credentials::new("id", "secret", None, None, "a test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::ZERO))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Ses::new(&config, configuration_set.map(str::to_owned))
}

async fn send(ses: &Ses) -> Result<Outcome, MailerError> {
    let mail = OutgoingMail {
        to: SECRETS[0].parse().expect("an address"),
        raw: RAW.to_owned(),
        tags: vec![
            ("herald-mode", "live".to_owned()),
            ("herald-attempt", "2".to_owned()),
        ],
    };
    ses.send(mail).await
}

fn refused(status: u16, code: &str) -> Outcome {
    let body = code.to_owned();
    Outcome::Refused(Answer { status, body })
}

#[tokio::test]
async fn a_mail_is_handed_over_as_it_is_and_its_sender_stands_in_it_alone() {
    let (server, ses) = Server::start(&[]).await;
    let outcome = send(&ses).await.expect("an outcome");
    let body = "0102018f-1".to_owned();
    assert_eq!(outcome, Outcome::Accepted(Answer { status: 200, body }));
    let received = server.received();
    let [(method, path, body)] = &received[..] else {
        panic!("{received:?}");
    };
    assert_eq!(
        (method, path.as_str()),
        (&Method::POST, "/v2/email/outbound-emails")
    );
    let expected = json!({
        "Destination": { "ToAddresses": [SECRETS[0]] },
        "Content": { "Raw": { "Data": BASE64.encode(RAW) } },
        "EmailTags": [
            { "Name": "herald-mode", "Value": "live" },
            { "Name": "herald-attempt", "Value": "2" },
        ],
        "ConfigurationSetName": "herald",
    });
    assert_eq!(body, &expected, "no FromEmailAddress, and nothing else");
}

#[tokio::test]
async fn without_a_configuration_set_none_is_named() {
    let (server, _) = Server::start(&[]).await;
    let sent = send(&client(server.port, None)).await;
    assert!(sent.is_ok_and(|outcome| outcome.is_accepted()));
    assert_eq!(server.received()[0].2.get("ConfigurationSetName"), None);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_alone_and_not_repeated() {
    for (status, code) in [
        (400, "MessageRejected"),
        (400, "BadRequestException"),
        (400, "MailFromDomainNotVerifiedException"),
        (403, "AccessDeniedException"),
        (404, "NotFoundException"),
    ] {
        let (server, ses) = Server::start(&[(status, code)]).await;
        let outcome = send(&ses).await.expect("an outcome");
        assert_eq!(outcome, refused(status, code));
        let kept = serde_json::to_string(&outcome).expect("JSON");
        assert!(
            !SECRETS.iter().any(|secret| kept.contains(secret)),
            "{kept}"
        );
        assert_eq!(server.received().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn where_ses_has_no_room_or_a_fault_the_sdk_tries_again_and_then_it_is_a_refusal() {
    for (status, code) in [
        (429, "TooManyRequestsException"),
        (500, "InternalServiceErrorException"),
        (503, "ServiceUnavailable"),
    ] {
        let (server, ses) = Server::start(&[(status, code); TRIES]).await;
        let outcome = send(&ses).await.expect("an outcome");
        assert_eq!(outcome, refused(status, code));
        assert_eq!(server.received().len(), TRIES, "{code}");

        let (server, ses) = Server::start(&[(status, code); TRIES - 1]).await;
        let outcome = send(&ses).await.expect("an outcome");
        assert!(outcome.is_accepted(), "{code}: the last try was taken");
        assert_eq!(server.received().len(), TRIES, "{code}");
    }
}

#[tokio::test]
async fn a_refusal_without_a_code_is_told_by_its_status() {
    let (_, ses) = Server::start(&[(400, "")]).await;
    let outcome = send(&ses).await.expect("an outcome");
    assert_eq!(outcome, refused(400, "unknown"));
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_outcome() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let error = send(&client(port, None)).await.expect_err("nobody took it");
    assert_eq!(error.to_string(), "the mailer cannot be reached");
}
