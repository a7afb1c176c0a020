//! What API Gateway does to paths, undone. An HTTP API decodes the path before the function sees
//! it, so an encoded URL inside a path arrives as a bare one, and is misread as URL syntax.

use axum::body::Body;
use http::Request;
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Everything that has a meaning in a URI, or none at all: it is encoded again, slashes apart.
const DECODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Turns a request as Lambda hands it over into one as its caller sent it: the path encoded, the
/// query as it was.
#[must_use]
pub fn restore(request: lambda_http::Request) -> Request<Body> {
    let path = utf8_percent_encode(request.raw_http_path(), DECODED).to_string();
    let query = request.uri().query().map(|query| format!("?{query}"));
    let uri = format!("{path}{}", query.unwrap_or_default());
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
