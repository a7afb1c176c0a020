//! What API Gateway does to requests, undone. An HTTP API decodes the path before the function
//! sees it, so an encoded URL inside a path arrives as a bare one, and would be misread as URL
//! syntax; and some of what it lets through no URI may hold.

use axum::{Router, body::Body};
use data_encoding::BASE64;
use http::Request;
use lambda_http::{
    Adapter, LambdaEvent, RequestExt, aws_lambda_events::apigw::ApiGatewayV2httpRequest,
    request::LambdaRequest, service_fn,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use std::convert::Infallible;
use tower::ServiceExt;
use url::Url;

/// What has no place in a URI, in its path or in its query (RFC 3986).
const NO_URI: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What a decoded path must have encoded again, so that it means itself.
const DECODED_PATH: &AsciiSet = &NO_URI.add(b'%').add(b'?');

/// The header with which a gateway tells how it was called.
const PROTOCOL: &str = "x-forwarded-proto";

/// Answers an event of API Gateway (payload format 2.0) by a router.
///
/// # Errors
/// None: a router always answers.
pub async fn answer(
    router: &Router,
    event: LambdaEvent<LambdaRequest>,
) -> Result<impl Serialize + use<>, Infallible> {
    let router = router.clone();
    let routed = service_fn(move |request| router.clone().oneshot(restore(request)));
    let event = LambdaEvent::new(repair(event.payload), event.context);
    Adapter::from(routed).oneshot(event).await
}

/// Makes an event one of which a request can be made, whatever it holds.
fn repair(mut event: LambdaRequest) -> LambdaRequest {
    if let LambdaRequest::ApiGatewayV2(event) = &mut event {
        let path = event.raw_path.take().unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let path = utf8_percent_encode(path, DECODED_PATH);
        event.raw_path = Some(format!("/{path}"));
        if let Some(query) = &mut event.raw_query_string {
            *query = utf8_percent_encode(query, NO_URI).to_string();
        }
        repair_host(event);
        let body = event.body.as_deref().unwrap_or_default();
        // A body that does not decode is handed on as it is, and refused as what it is not.
        event.is_base64_encoded &= BASE64.decode(body.as_bytes()).is_ok();
    }
    event
}

/// Drops a host and a protocol of which no URL can be made. Routes need neither.
fn repair_host(event: &mut ApiGatewayV2httpRequest) {
    let is_host = |host: &str| Url::parse(&format!("https://{host}/")).is_ok();
    if !header(event, "host").is_some_and(is_host) {
        event.headers.remove("host");
        event.request_context.domain_name = None;
    }
    if !matches!(header(event, PROTOCOL), Some("http" | "https")) {
        event.headers.remove(PROTOCOL);
    }
}

fn header<'a>(event: &'a ApiGatewayV2httpRequest, name: &str) -> Option<&'a str> {
    event.headers.get(name)?.to_str().ok()
}

/// Gives a request the path that the repaired event has; `lambda_http` would resolve its dots.
fn restore(request: lambda_http::Request) -> Request<Body> {
    let query = request.uri().query().map(|query| format!("?{query}"));
    let uri = format!("{}{}", request.raw_http_path(), query.unwrap_or_default());
    let (mut parts, body) = request.into_parts();
    if let Ok(uri) = uri.parse() {
        parts.uri = uri;
    }
    let body = match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    };
    Request::from_parts(parts, body)
}
