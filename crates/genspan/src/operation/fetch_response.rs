//! The reading of a stored response.

use super::{Common, Content, operation};
use crate::{Provider, Server};

/// Records that a response which a provider stored earlier was read; no inference happens.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseFetch {
    /// The provider that stored the response.
    pub provider: Provider,
    /// Where it answers.
    pub server: Option<Server>,
    /// The response's id.
    pub response_id: String,
    /// Where in a stored stream the reading went on.
    pub stream_cursor: Option<String>,
    /// The model that made the response.
    pub response_model: Option<String>,
    /// The state the response is in.
    pub status: Option<ResponseStatus>,
    /// The service tier that served the original call.
    pub service_tier: Option<String>,
    /// Why the original generation ended.
    pub finish_reasons: Vec<String>,
    /// What was read; it never has input messages.
    pub content: Content,
    /// Facts that every operation may have.
    pub common: Common,
}

/// Names the state of a stored response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// Not begun.
    Queued,
    /// Being made.
    InProgress,
    /// Made.
    Completed,
    /// Cut off, by a limit or a filter.
    Incomplete,
    /// Failed.
    Failed,
    /// Cancelled.
    Cancelled,
}

impl ResponseFetch {
    /// Begins the record of the reading of the named response.
    #[must_use]
    pub fn new(provider: Provider, response_id: impl Into<String>) -> Self {
        Self {
            provider,
            server: None,
            response_id: response_id.into(),
            stream_cursor: None,
            response_model: None,
            status: None,
            service_tier: None,
            finish_reasons: Vec::new(),
            content: Content::default(),
            common: Common::default(),
        }
    }
}

operation!(ResponseFetch, ResponseFetch, |fetch| ResponseFetch {
    content: Content::default(),
    ..fetch.clone()
});
