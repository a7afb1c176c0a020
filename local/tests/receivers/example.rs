use http::HeaderMap;
use standardwebhooks::Webhook;
use std::error::Error;

fn receive(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Box<dyn Error>> {
    Webhook::new(secret)?.verify(body, headers)?;
    let event: serde_json::Value = serde_json::from_slice(body)?;
    println!("{} {}", event["type"], event["data"]);
    Ok(())
}
