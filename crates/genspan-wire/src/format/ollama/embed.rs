//! Embeddings, by the interface of today, which takes many texts, and by the former one, which takes one.

use genspan::{Counts, Diagnostic, Embeddings, Record, Timestamp, Usage};

use super::likeness;
use crate::{
    detect::Endpoint,
    format::{
        Decode, Progress, Reader, failure,
        likeness::Likeness,
        vectors::{dimension, dimension_of_first},
    },
    json::{Json, Passing},
};

/// Reads one exchange for embeddings.
#[derive(Clone, Debug)]
pub(super) struct Embedding {
    record: Embeddings,
    dimension: Option<u64>,
    likeness: Likeness,
}

impl Embedding {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.embeddings(),
            dimension: None,
            likeness: likeness(endpoint),
        }
    }
}

impl Decode for Embedding {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        self.likeness.request(request.text("model").is_some());
        self.record.model = request.string("model");
        self.record.dimension_count = request.get("dimensions").and_then(Json::as_u64);
    }

    fn passing(&self) -> Passing {
        Passing::Vectors
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let vectors = answer.get("embeddings").or_else(|| answer.get("embedding"));
        let is_sure = vectors.is_some();
        if !self
            .likeness
            .answer(&answer, is_sure, &["model", "embeddings", "embedding"])
        {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        if let Some(failure) = failure::reported(&answer) {
            progress.fail(failure);
        }
        let stated = answer.get("embeddings").and_then(dimension_of_first);
        self.dimension = stated.or_else(|| answer.get("embedding").and_then(dimension));
        self.record.response_model = answer.string("model");
        let (usage, _) = Usage::inclusive(Counts {
            input: answer.get("prompt_eval_count").and_then(Json::as_u64),
            ..Counts::default()
        });
        self.record.usage = usage;
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        let first = chunk.get("embeddings").and_then(|all| all.items().first());
        // Only a document that is whole has its vectors counted.
        let is_whole = matches!(first.or_else(|| chunk.get("embedding")), Some(Json::Int(_)));
        self.whole(chunk, progress);
        progress.terminal |= is_whole;
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        self.likeness.conclude(progress);
        // Of an answer that was cut off the vector may be too.
        let measured = self.dimension.filter(|_| progress.terminal);
        self.record.dimension_count = measured.or(self.record.dimension_count);
        Record::Embeddings(Box::new(self.record))
    }
}
