//! Rows that the store itself would never write.
#![expect(clippy::disallowed_types, reason = "writes a row past the store")]

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use herald_local::engine::{DATA_TABLE, Engine};

/// Puts a row that holds nothing but its key.
pub(crate) async fn put(engine: &Engine, table: &str, pk: &str) {
    let client = Client::from_conf(engine.config().build());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = client.put_item().table_name(table).item("pk", text(pk));
    row.item("sk", text("row")).send().await.expect("a row");
}

/// A number field of a row of the data table, where both are there.
pub(crate) async fn number(engine: &Engine, (pk, sk): (&str, &str), field: &str) -> Option<i64> {
    let client = Client::from_conf(engine.config().build());
    let get = client.get_item().table_name(DATA_TABLE);
    let get = get.key("pk", AttributeValue::S(pk.to_owned()));
    let get = get.key("sk", AttributeValue::S(sk.to_owned()));
    let row = get.send().await.expect("an answer").item?;
    row.get(field)?.as_n().ok()?.parse().ok()
}
