//! Embeddings of texts.

use super::{Common, operation};
use crate::{Cost, Provider, Server, Usage};

/// Records one call for embeddings.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    /// Who runs the model.
    pub provider: Provider,
    /// Where the provider answers.
    pub server: Option<Server>,
    /// The model's name as it was asked for.
    pub model: Option<String>,
    /// The model that answered.
    pub response_model: Option<String>,
    /// How many numbers one embedding has.
    pub dimension_count: Option<u64>,
    /// The encodings that were asked for, such as `float` or `base64`.
    pub encoding_formats: Vec<String>,
    /// The tokens of the call; embeddings have no output tokens.
    pub usage: Usage,
    /// What they cost, where the provider states it.
    pub cost: Option<Cost>,
    /// Facts that every operation may have.
    pub common: Common,
}

impl Embeddings {
    /// Begins the record of a call to the given model.
    #[must_use]
    pub fn new(provider: Provider, model: impl Into<String>) -> Self {
        Self {
            provider,
            server: None,
            model: Some(model.into()),
            response_model: None,
            dimension_count: None,
            encoding_formats: Vec::new(),
            usage: Usage::default(),
            cost: None,
            common: Common::default(),
        }
    }
}

operation!(Embeddings, Embeddings, Clone::clone);
