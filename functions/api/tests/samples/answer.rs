//! From an event to the answer.

use herald_api::gateway;
use herald_local::world::{samples::sample, stage::Stage};
use http::{HeaderMap, HeaderName, StatusCode, header::CONTENT_TYPE};
use lambda_http::{Context, LambdaEvent, request::LambdaRequest};
use serde_json::Value;
use std::fmt;

/// The headers that belong to an answer's shape.
const SHOWN: [&str; 9] = [
    "content-type",
    "etag",
    "allow",
    "sequence-version",
    "lune-version",
    "www-authenticate",
    "content-security-policy",
    "referrer-policy",
    "cache-control",
];

/// How Lambda names a request.
pub(crate) const REQUEST: &str = "5e1f0a52-7b0d-4c55-8f6e-2d1c3b4a5968";

/// An answer of the API; displayed as status, headers and body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Asks the API of a stage.
pub(crate) trait Ask {
    /// Hands it an event, as Lambda does.
    async fn answer(&self, event: &str) -> Answer;

    /// Hands it a sample.
    async fn sample(&self, case: &str) -> Answer;
}

impl Ask for Stage {
    async fn answer(&self, event: &str) -> Answer {
        let event: LambdaRequest = serde_json::from_str(event).expect("an event of API Gateway");
        let mut context = Context::default();
        REQUEST.clone_into(&mut context.request_id);
        let event = LambdaEvent::new(event, context);
        let response = gateway::answer(&self.world.service.router(), event).await;
        let response = serde_json::to_value(response.expect("a response")).expect("JSON");
        assert_eq!(response["isBase64Encoded"], false, "{response}");
        let body = response["body"].as_str().expect("a text");
        let status = response["statusCode"]
            .as_u64()
            .and_then(|status| status.try_into().ok());
        let headers = response["headers"].as_object().expect("headers").iter();
        let header = |(name, value): (&String, &Value)| {
            let name: HeaderName = name.parse().expect("a name");
            let value = value.as_str().expect("a text").parse().expect("a value");
            (name, value)
        };
        Answer {
            status: StatusCode::from_u16(status.expect("a status")).expect("a status"),
            headers: headers.map(header).collect(),
            // A page is a text; no body is none.
            body: serde_json::from_str(body).unwrap_or_else(|_| body.into()),
        }
    }

    async fn sample(&self, case: &str) -> Answer {
        self.answer(&sample("api", case)).await
    }
}

impl Answer {
    /// Whether it is a success, or an error that is the caller's and is told in the shape of
    /// Herald (RFC 9457), of Sequence, of Lune or of Pulse (JSON:API).
    pub(crate) fn is_in_shape(&self) -> bool {
        let is_text = |pointer: &str| self.body.pointer(pointer).is_some_and(Value::is_string);
        let is_lune = self.headers.contains_key("lune-version")
            && (is_text("/error/error_code") && is_text("/errors/0/message")
                || matches!(self.status.as_u16(), 403..=429) && is_text(""));
        let is_problem = self.headers[CONTENT_TYPE] == "application/problem+json"
            && self.body["status"] == self.status.as_u16()
            && is_text("/title")
            && is_text("/detail");
        let is_sequence = self.headers.contains_key("sequence-version")
            && (is_text("/errors/0/key") && is_text("/errors/0/error")
                || is_text("/error/type") && is_text("/error/message"));
        let told = &self.body["errors"][0]["status"];
        let is_pulse = self.headers[CONTENT_TYPE] == "application/vnd.api+json"
            && is_text("/errors/0/title")
            && is_text("/errors/0/detail")
            && (told == self.status.as_str() || *told == self.status.as_u16());
        let is_told = is_problem || is_sequence || is_lune || is_pulse;
        self.status.is_success() || self.status.is_client_error() && is_told
    }

    /// Takes a text out of the body, for what differs from run to run.
    pub(crate) fn take(&mut self, pointer: &str) -> String {
        let value = self.body.pointer_mut(pointer).expect("a value");
        let text = value.as_str().expect("a text").to_owned();
        *value = Value::from("…");
        text
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for name in SHOWN {
            if let Some(value) = self.headers.get(name) {
                writeln!(f, "{name}: {}", value.to_str().expect("text"))?;
            }
        }
        write!(f, "{:#}", self.body)
    }
}
