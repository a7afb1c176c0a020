//! The tables as code sees them; the local engine is made from this.

/// A table: `pk` and `sk` are its key, both text.
#[derive(Clone, Copy, Debug)]
pub struct TableSchema {
    /// Its partition key.
    pub partition_key: &'static str,
    /// Its sort key.
    pub sort_key: &'static str,
    /// The field that DynamoDB's time to live reads, in seconds since 1970.
    pub time_to_live: Option<&'static str>,
    /// Its secondary index.
    pub index: Option<IndexSchema>,
}

/// A sparse secondary index with all fields of its rows: a text field, then a number field.
#[derive(Clone, Copy, Debug)]
pub struct IndexSchema {
    /// Its name.
    pub name: &'static str,
    /// Its partition key, a text.
    pub partition_key: &'static str,
    /// Its sort key, a number.
    pub sort_key: &'static str,
}

/// Accounts and credentials.
pub const ACCOUNTS_SCHEMA: TableSchema = TableSchema {
    partition_key: "pk",
    sort_key: "sk",
    time_to_live: None,
    index: None,
};

/// Everything else.
pub const DATA_SCHEMA: TableSchema = TableSchema {
    partition_key: "pk",
    sort_key: "sk",
    time_to_live: Some("expires"),
    index: Some(DUE_INDEX),
};

/// What waits, and what is withheld: the partitions are told at the top of [`crate::store`].
pub(crate) const DUE_INDEX: IndexSchema = IndexSchema {
    name: "due",
    partition_key: "due_shard",
    sort_key: "due_at",
};
