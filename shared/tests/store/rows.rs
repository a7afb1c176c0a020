//! What really stands in a table, read past the store.
#![expect(
    clippy::disallowed_types,
    reason = "reads rows that the store shows nobody"
)]

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use herald_local::engine::Engine;
use std::collections::BTreeSet;

/// The keys of a table's rows.
pub(crate) async fn rows(engine: &Engine, table: &str) -> BTreeSet<(String, String)> {
    let client = Client::from_conf(engine.config().build());
    let (mut rows, mut start) = (BTreeSet::new(), None);
    loop {
        let page = client.scan().table_name(table);
        let page = page.set_exclusive_start_key(start).send().await;
        let page = page.expect("rows");
        for item in page.items() {
            let text = |name| item[name].as_s().expect("a text").clone();
            rows.insert((text("pk"), text("sk")));
        }
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            return rows;
        }
    }
}

/// Puts a row that holds nothing but its key.
pub(crate) async fn put(engine: &Engine, table: &str, pk: &str) {
    let client = Client::from_conf(engine.config().build());
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = client.put_item().table_name(table).item("pk", text(pk));
    row.item("sk", text("row")).send().await.expect("a row");
}
