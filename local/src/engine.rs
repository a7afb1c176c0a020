//! DynamoDB in this process: the `dynoxide` engine behind a loopback port, in memory or in a
//! file, so that the store speaks to it through the official SDK like everywhere.
#![expect(clippy::disallowed_types, reason = "makes the client for the store")]

use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use dynoxide::Database;
use herald::store::{ACCOUNTS_SCHEMA, DATA_SCHEMA, Store, TableSchema};
use serde_json::json;
use std::{net::Ipv4Addr, path::Path, time::Duration};
use tokio::net::TcpListener;

const ACCOUNTS_TABLE: &str = "accounts";
const DATA_TABLE: &str = "data";

/// A running engine. It stops with the runtime that it was started on.
#[derive(Debug)]
pub struct Engine {
    config: Config,
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
        create_table(&database, ACCOUNTS_TABLE, &ACCOUNTS_SCHEMA)?;
        create_table(&database, DATA_TABLE, &DATA_SCHEMA)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint)
            .build();
        Ok(Self { config })
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
        Store::new(client, ACCOUNTS_TABLE, DATA_TABLE, retention)
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
