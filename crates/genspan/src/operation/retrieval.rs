//! A search in a data source.

use super::{Common, operation};
use crate::{Provider, Server, Value};

/// Records one search for documents that ground a model's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retrieval {
    /// The data source's id; it names the span.
    pub data_source_id: Option<String>,
    /// Who runs the data source, where a GenAI provider does.
    pub provider: Option<Provider>,
    /// Where it answers.
    pub server: Option<Server>,
    /// The model that embeds the query.
    pub model: Option<String>,
    /// How many documents were asked for.
    pub top_k: Option<u64>,
    /// The query; content.
    pub query: Option<String>,
    /// What was found; content.
    pub documents: Vec<RetrievedDocument>,
    /// Facts that every operation may have.
    pub common: Common,
}

/// Holds one document that a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RetrievedDocument {
    /// The document's id.
    pub id: Option<String>,
    /// How well it matches, in the data source's own measure.
    pub score: Option<f64>,
    /// What else is to be recorded of it.
    pub members: Vec<(String, Value)>,
}

impl Retrieval {
    /// Begins the record of a search in the given data source.
    #[must_use]
    pub fn new(data_source_id: impl Into<String>) -> Self {
        Self {
            data_source_id: Some(data_source_id.into()),
            ..Self::default()
        }
    }

    pub(super) fn weight(&self) -> usize {
        let members = self.documents.iter().flat_map(|document| &document.members);
        self.query.as_ref().map_or(0, String::len)
            + members.map(|(_, value)| value.weight()).sum::<usize>()
    }
}

operation!(Retrieval, Retrieval, |retrieval| {
    Retrieval {
        query: None,
        documents: Vec::new(),
        ..retrieval.clone()
    }
});
