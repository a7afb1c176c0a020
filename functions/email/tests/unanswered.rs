//! The real client of SES where no answer comes: nobody knows whether it took the mail.

use aws_config::{
    BehaviorVersion, SdkConfig,
    retry::RetryConfig,
    timeout::{TimeoutConfig, TimeoutConfigBuilder},
};
use aws_sdk_sesv2::config::{Credentials, Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use herald_email::{
    RECORD_LIMIT,
    mailer::{Mailer, MailerError, OutgoingMail},
    ses::Ses,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// How a request ends without an answer.
#[derive(Clone, Copy, Debug)]
enum End {
    Never,
    Cut,
    NotConnected,
}

/// A way to SES on which every request ends so, and that counts them.
#[derive(Clone, Debug)]
struct Way {
    end: End,
    requests: Arc<AtomicUsize>,
}

impl HttpConnector for Way {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let error = match self.end {
            End::Never => return HttpConnectorFuture::new(std::future::pending()),
            End::Cut => ConnectorError::io("reset by peer".into()),
            End::NotConnected => ConnectorError::timeout("no connection in time".into()),
        };
        HttpConnectorFuture::ready(Err(error))
    }
}

/// What other requests to AWS have: too little for a mail.
fn usual_timeouts() -> TimeoutConfigBuilder {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
}

/// Sends a mail on such a way: what came of it, how many requests there were, and how long it took.
async fn send(end: End) -> (Result<(), MailerError>, usize, Duration) {
    let requests = Arc::new(AtomicUsize::new(0));
    let way = Way {
        end,
        requests: Arc::clone(&requests),
    };
    let credentials = Credentials::new("id", "secret", None, None, "a test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard())
        .timeout_config(usual_timeouts().build())
        .http_client(http_client_fn(move |_, _| {
            SharedHttpConnector::new(way.clone())
        }))
        .build();
    let mail = OutgoingMail {
        to: "ada@customer.example".parse().expect("an address"),
        raw: b"Subject: Hello\r\n\r\nHello\r\n".to_vec(),
        tags: Vec::new(),
    };
    let began = Instant::now();
    let sent = Ses::new(&config, None).send(mail).await;
    let took = began.elapsed();
    (sent.map(|_| ()), requests.load(Ordering::SeqCst), took)
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_ses_does_not_answer_in_time_is_not_sent_again_by_the_sdk() {
    let (sent, requests, took) = send(End::Never).await;
    let error = sent.expect_err("nobody answered");
    assert_eq!(error.to_string(), "the mailer cannot be reached");
    assert_eq!(requests, 1);
    assert!(
        took >= Duration::from_secs(15),
        "SES has its time: {took:?}"
    );
    assert!(
        took < RECORD_LIMIT / 2,
        "and its record has the most: {took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_mail_whose_connection_breaks_is_not_sent_again_by_the_sdk() {
    for end in [End::Cut, End::NotConnected] {
        let (sent, requests, _) = send(end).await;
        sent.expect_err("nobody answered");
        assert_eq!(requests, 1, "{end:?}");
    }
}
