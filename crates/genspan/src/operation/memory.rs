//! Work on a memory store.

use super::{Common, operation};
use crate::{Provider, Server, Value};

/// Names what is done to a memory store, as `gen_ai.operation.name` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryKind {
    /// Makes a store.
    CreateStore,
    /// Removes a store.
    DeleteStore,
    /// Looks for records.
    Search,
    /// Adds records.
    Create,
    /// Changes records.
    Update,
    /// Lets the service decide whether to add or change.
    Upsert,
    /// Removes records, or all of them where none is named.
    Delete,
}

/// Records one piece of work on a memory store.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryOperation {
    /// What is done.
    pub kind: MemoryKind,
    /// The service that holds the store, where a GenAI provider does.
    pub provider: Option<Provider>,
    /// Where it answers.
    pub server: Option<Server>,
    /// The store's id.
    pub store_id: Option<String>,
    /// The record's id, where the work is on one record.
    pub record_id: Option<String>,
    /// How many records were found, or worked on.
    pub record_count: Option<u64>,
    /// The query; content.
    pub query: Option<String>,
    /// The records; content.
    pub records: Vec<MemoryRecord>,
    /// Facts that every operation may have.
    pub common: Common,
}

/// Holds one record of a memory store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemoryRecord {
    /// What is remembered.
    pub content: Value,
    /// The record's id.
    pub id: Option<String>,
    /// How well it matches, in the store's own measure.
    pub score: Option<f64>,
    /// What the store keeps beside it.
    pub metadata: Value,
}

impl MemoryOperation {
    /// Begins the record of a piece of work.
    #[must_use]
    pub const fn new(kind: MemoryKind) -> Self {
        Self {
            kind,
            provider: None,
            server: None,
            store_id: None,
            record_id: None,
            record_count: None,
            query: None,
            records: Vec::new(),
            common: Common {
                conversation_id: None,
                attributes: Vec::new(),
                events: Vec::new(),
                links: Vec::new(),
                diagnostics: Vec::new(),
                inferred: None,
            },
        }
    }

    pub(super) fn weight(&self) -> usize {
        let records = self
            .records
            .iter()
            .map(|record| record.content.weight() + record.metadata.weight());
        self.query.as_ref().map_or(0, String::len) + records.sum::<usize>()
    }
}

operation!(MemoryOperation, Memory, |memory| MemoryOperation {
    query: None,
    records: Vec::new(),
    ..memory.clone()
});
