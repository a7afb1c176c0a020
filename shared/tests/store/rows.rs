//! Rows that the store itself would never write.
#![expect(clippy::disallowed_types, reason = "writes a row past the store")]

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use herald_local::engine::Engine;

/// Puts a row that holds nothing but its key.
pub(crate) async fn put(engine: &Engine, table: &str, pk: &str) {
    let client = Client::from_conf(engine.config().build());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = client.put_item().table_name(table).item("pk", text(pk));
    row.item("sk", text("row")).send().await.expect("a row");
}
