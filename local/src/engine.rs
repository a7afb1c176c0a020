//! DynamoDB in this process: the `dynoxide` engine behind a loopback port, in memory or in a
//! file, so that the store speaks to it through the official SDK like everywhere.
#![expect(clippy::disallowed_types, reason = "makes the client for the store")]

use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::AttributeValue,
};
use dynoxide::Database;
use herald::store::{ACCOUNTS_SCHEMA, Accounts, DATA_SCHEMA, Store, TableSchema};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::BTreeSet, fmt, net::Ipv4Addr, path::Path, time::Duration};
use tokio::net::TcpListener;

/// The table for accounts and credentials.
pub const ACCOUNTS_TABLE: &str = "accounts";
/// The table for everything else.
pub const DATA_TABLE: &str = "data";
const TABLES: [(&str, TableSchema); 2] =
    [(ACCOUNTS_TABLE, ACCOUNTS_SCHEMA), (DATA_TABLE, DATA_SCHEMA)];

/// A running engine. It stops with the runtime that it was started on.
pub struct Engine {
    database: Database,
    config: Config,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// Starts an engine with Herald's tables, on a file or in memory.
    ///
    /// # Errors
    /// Where the file cannot be opened, or no port is free.
    pub async fn start(file: Option<&Path>) -> Result<Self> {
        let database = match file {
            None => Database::memory().map_err(|error| anyhow!("{error}"))?,
            Some(file) => {
                let path = file.to_str().context("the path of the data is not UTF-8")?;
                Database::new(path).map_err(|error| anyhow!("{path} cannot be opened: {error}"))?
            }
        };
        for (name, schema) in TABLES {
            create_table(&database, name, &schema)?;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint)
            .build();
        Ok(Self { database, config })
    }

    /// Removes what has expired, as DynamoDB's time to live does.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn sweep(&self) -> Result<usize> {
        for (name, schema) in TABLES {
            let Some(field) = schema.time_to_live else {
                continue;
            };
            let request = json!({
                "TableName": name,
                "TimeToLiveSpecification": { "AttributeName": field, "Enabled": true },
            });
            // It is an error to enable it twice, and no harm.
            let _ = self
                .database
                .update_time_to_live(serde_json::from_value(request)?);
        }
        let swept = self.database.sweep_ttl();
        swept.map_err(|error| anyhow!("what has expired cannot be removed: {error}"))
    }

    /// How to reach it, for a client with something added.
    #[must_use]
    pub fn config(&self) -> aws_sdk_dynamodb::config::Builder {
        self.config.to_builder()
    }

    /// The store on it.
    #[must_use]
    pub fn store(&self, retention: Duration) -> Store {
        Self::store_through(&Client::from_conf(self.config.clone()), retention)
    }

    /// The store on it, through a given client.
    #[must_use]
    pub fn store_through(client: &Client, retention: Duration) -> Store {
        Store::new(client, DATA_TABLE, retention)
    }

    /// The accounts and credentials on it.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Self::accounts_through(&Client::from_conf(self.config.clone()))
    }

    /// The accounts and credentials on it, through a given client.
    #[must_use]
    pub fn accounts_through(client: &Client) -> Accounts {
        Accounts::new(client, ACCOUNTS_TABLE)
    }
}

/// The keys of rows, partition and sort.
pub type Keys = BTreeSet<(String, String)>;

impl Engine {
    /// The keys of all rows of a table, read past the store: for tests of what is left.
    ///
    /// # Panics
    /// Where the engine does not answer.
    pub async fn keys(&self, table: &str) -> Keys {
        let client = Client::from_conf(self.config.clone());
        let mut items = client
            .scan()
            .table_name(table)
            .into_paginator()
            .items()
            .send();
        let mut keys = Keys::new();
        while let Some(item) = items.next().await {
            let item = item.expect("a row");
            let text = |name| item[name].as_s().expect("a text").clone();
            keys.insert((text("pk"), text("sk")));
        }
        keys
    }

    /// Removes the rows of the data table that have expired by an instant, as time to live does: for
    /// tests, whose clock is another than the engine's.
    ///
    /// # Panics
    /// Where the engine does not answer.
    pub async fn expire(&self, at: Timestamp) {
        let client = Client::from_conf(self.config.clone());
        let by = AttributeValue::N(at.as_second().to_string());
        let mut items = client
            .scan()
            .table_name(DATA_TABLE)
            .filter_expression("expires <= :by")
            .expression_attribute_values(":by", by)
            .projection_expression("pk, sk")
            .into_paginator()
            .items()
            .send();
        while let Some(item) = items.next().await {
            let delete = client.delete_item().table_name(DATA_TABLE);
            let delete = delete.set_key(Some(item.expect("a row")));
            delete.send().await.expect("a row is deleted");
        }
    }
}

fn create_table(database: &Database, name: &str, schema: &TableSchema) -> Result<()> {
    let names = database.list_tables(Default::default());
    let names = names.map_err(|error| anyhow!("the data cannot be read: {error}"))?;
    if names.table_names.iter().any(|known| known == name) {
        return Ok(());
    }
    let attribute = |name, kind| json!({ "AttributeName": name, "AttributeType": kind });
    let key = |partition, sort| {
        json!([
            { "AttributeName": partition, "KeyType": "HASH" },
            { "AttributeName": sort, "KeyType": "RANGE" },
        ])
    };
    let mut request = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key(schema.partition_key, schema.sort_key),
        "AttributeDefinitions": [
            attribute(schema.partition_key, "S"),
            attribute(schema.sort_key, "S"),
        ],
    });
    if let Some(index) = schema.index {
        let attributes = request["AttributeDefinitions"].as_array_mut();
        attributes.context("made above")?.extend([
            attribute(index.partition_key, "S"),
            attribute(index.sort_key, "N"),
        ]);
        request["GlobalSecondaryIndexes"] = json!([{
            "IndexName": index.name,
            "KeySchema": key(index.partition_key, index.sort_key),
            "Projection": { "ProjectionType": "ALL" },
        }]);
    }
    database
        .create_table(serde_json::from_value(request)?)
        .map_err(|error| anyhow!("the table {name} cannot be made: {error}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_has_expired_is_swept_and_nothing_else() {
        let engine = Engine::start(None).await.expect("an engine in memory");
        let client = Client::from_conf(engine.config().build());
        for (name, expires) in [
            ("old", Some("1")),
            ("new", Some("99999999999")),
            ("kept", None),
        ] {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let expires = expires.map(|at| AttributeValue::N(at.to_owned()));
            let mut row = client
                .put_item()
                .table_name(DATA_TABLE)
                .item("pk", text(name));
            row = row.item("sk", text("row"));
            if let Some(expires) = expires {
                row = row.item("expires", expires);
            }
            row.send().await.expect("a row is put");
        }
        assert_eq!(engine.sweep().expect("a sweep"), 1);
        assert_eq!(engine.sweep().expect("another"), 0);
        let rows = client
            .scan()
            .table_name(DATA_TABLE)
            .send()
            .await
            .expect("rows");
        assert_eq!(rows.count(), 2);
    }
}
