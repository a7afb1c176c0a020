//! The event types that the operator added, of the whole stack: the one part of the data table that
//! belongs to no tenant, beside the data key.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Written},
    query::Query,
};
use crate::{
    catalogue::{Catalogue, CatalogueEntry, Product},
    dialect::Dialect,
    event::Report,
    event_type::EventType,
    fields::Fields,
    invalid::FieldErrors,
    policy::Description,
};
use serde::{Deserialize, Serialize};

/// Rows that are read at a time.
const PAGE: usize = 1_000;

/// A report of a type that the catalogue knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownReport {
    /// What was reported.
    pub report: Report,
    /// The dialects that know its type.
    pub dialects: Vec<Dialect>,
}

#[derive(Serialize, Deserialize)]
struct EntryRow {
    name: EventType,
    dialects: Vec<Dialect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
    description: Description,
    /// Compact JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    example: Option<String>,
}

impl EntryRow {
    fn new(entry: &CatalogueEntry) -> Self {
        let example = entry.example.as_ref();
        Self {
            name: entry.name.clone(),
            dialects: entry.dialects.clone(),
            product: entry.product.clone(),
            description: entry.description.clone(),
            example: example.map(|example| example.as_str().to_owned()),
        }
    }

    fn into_entry(self) -> Result<CatalogueEntry, StoreError> {
        let example = self.example.map(|example| example.parse()).transpose();
        Ok(CatalogueEntry {
            name: self.name,
            dialects: self.dialects,
            product: self.product,
            description: self.description,
            example: example.map_err(StoreError::corrupt)?,
            built_in: false,
        })
    }
}

const PARTITION: &str = "CATALOGUE";

fn key(name: &EventType) -> Key {
    Key {
        pk: PARTITION.to_owned(),
        sk: name.to_string(),
    }
}

impl Store {
    /// The event type with a name. One that is built in costs no request.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn event_type(&self, name: &EventType) -> Result<Option<CatalogueEntry>, StoreError> {
        if let Some(entry) = CatalogueEntry::built_in(name) {
            return Ok(Some(entry));
        }
        let row: Option<EntryRow> = self.data.get(key(name)).await?;
        row.map(EntryRow::into_entry).transpose()
    }

    /// Every event type.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn catalogue(&self) -> Result<Catalogue, StoreError> {
        let mut entries = Vec::new();
        let mut query = Query::all(PARTITION.to_owned(), PAGE);
        loop {
            let page = self.data.query::<EntryRow>(query.clone()).await?;
            for (_, row) in page.rows {
                entries.push(row.into_entry()?);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(Catalogue::with(entries)),
            }
        }
    }

    /// The catalogue as far as some names need it: where all of them are built in, the table is
    /// not asked.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn catalogue_for(&self, names: &[EventType]) -> Result<Catalogue, StoreError> {
        let is_built_in = |name| CatalogueEntry::built_in(name).is_some();
        if names.iter().all(is_built_in) {
            return Ok(Catalogue::with([]));
        }
        self.catalogue().await
    }

    /// Adds an event type, or replaces the one with its name.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn keep_event_type(&self, entry: &CatalogueEntry) -> Result<(), StoreError> {
        let row = EntryRow::new(entry);
        self.data.batch_put(vec![(key(&entry.name), row)]).await
    }

    /// Removes an event type that was added; says whether it was there.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn remove_event_type(&self, name: &EventType) -> Result<bool, StoreError> {
        let deletion = self.data.guarded_deletion(key(name), &Guard::Present)?;
        match self.data.once(deletion).await? {
            Written::Done => Ok(true),
            Written::Refused => Ok(false),
        }
    }

    /// Reads a report whose type the catalogue knows. What breaks a rule is noted.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn read_report(
        &self,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Result<Option<KnownReport>, StoreError> {
        let Some(report) = Report::read(fields, errors) else {
            return Ok(None);
        };
        let name = &report.event_type;
        if let Some(entry) = self.event_type(name).await? {
            let dialects = entry.dialects;
            return Ok(Some(KnownReport { report, dialects }));
        }
        // What may have been meant is told of the built-in types alone: whoever may report must not
        // have the whole catalogue read, a hundred times in a batch.
        let rule = Catalogue::with([]).unknown(name, "a known event type", |_| true);
        errors.push(rule.at("type"));
        Ok(None)
    }
}
