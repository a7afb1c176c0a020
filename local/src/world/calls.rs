//! Calls of the API, and what tests ask of it most.

use super::{OPERATOR_SECRET, World};
use axum::body::Body;
use data_encoding::BASE64;
use herald::operator::OPERATOR_ID;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

/// An answer of the API.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; null where that is no JSON.
    pub json: Value,
}

impl World {
    /// Calls the API as the first account.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = Self::request(method, path).body(body.to_string().into());
        self.send(request.expect("a request")).await
    }

    /// Calls the API as the operator.
    pub async fn operate(&self, method: Method, path: &str, body: Value) -> Reply {
        let basic = BASE64.encode(format!("{OPERATOR_ID}:{OPERATOR_SECRET}").as_bytes());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into());
        self.send(request.expect("a request")).await
    }

    /// Gets something from the API as the first account.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, Value::Null).await.json
    }

    /// A request of the first account, to be completed.
    pub fn request(method: Method, path: &str) -> http::request::Builder {
        let basic = format!("Basic {}", BASE64.encode(b"t:s"));
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, basic)
            .header(header::CONTENT_TYPE, "application/json")
    }

    /// Sends a request to the API.
    ///
    /// # Panics
    /// Where the API does not answer.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the API answers");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .expect("a body");
        Reply {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    /// Makes a webhook policy for all types of Sequence and returns it.
    ///
    /// # Panics
    /// Where it is refused.
    pub async fn policy(&self, recipients: &[String]) -> Value {
        let body = serde_json::json!({
            "name": "Everything", "channel": "WEBHOOK", "recipients": recipients,
        });
        let reply = self
            .call(Method::POST, "/api/notifications/policies", body)
            .await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.json);
        reply.json
    }

    /// Reports an event with an id.
    pub async fn report(&self, id: &str) -> Reply {
        let body = serde_json::json!({
            "id": id, "type": "INVOICE_ISSUED", "resourceId": id, "data": { "total": "12.00" },
        });
        self.call(Method::POST, "/herald/v1/events", body).await
    }

    /// The deliveries of an event.
    ///
    /// # Panics
    /// Where there is no such event.
    pub async fn deliveries(&self, event: &str) -> Vec<Value> {
        let shown = self.get(&format!("/herald/v1/events/{event}")).await;
        let items = shown["deliveries"]["items"].as_array();
        items.unwrap_or_else(|| panic!("no event: {shown}")).clone()
    }

    /// The only delivery of an event, with its attempts.
    ///
    /// # Panics
    /// Where there is none, or another one.
    pub async fn delivery(&self, event: &str) -> Value {
        let deliveries = self.deliveries(event).await;
        assert_eq!(deliveries.len(), 1, "{deliveries:?}");
        let id = deliveries[0]["id"].as_str().expect("an id");
        self.get(&format!("/herald/v1/deliveries/{id}")).await
    }
}
