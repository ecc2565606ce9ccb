//! Embeddings of texts and pictures, in one or several encodings.

use genspan::{Diagnostic, Embeddings, Record, Timestamp, Usage};

use super::{chat::reported, units};
use crate::{
    detect::Endpoint,
    format::{
        Decode, Progress, Reader, likeness::Likeness, openai_chat::request as openai,
        vectors::dimension_of_first,
    },
    json::{Json, Passing},
};

/// The bytes of a number in base64.
const FLOAT: u64 = 4;

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
            likeness: Likeness::of(endpoint),
        }
    }
}

impl Decode for Embedding {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        let is_like = ["model", "texts", "images", "inputs"]
            .iter()
            .any(|name| request.members().iter().any(|(stated, _)| stated == name));
        self.likeness.request(is_like);
        self.record.model = request.string("model");
        self.record.dimension_count = request.get("output_dimension").and_then(Json::as_u64);
        self.record.encoding_formats = request
            .get("embedding_types")
            .map(openai::texts)
            .unwrap_or_default();
    }

    fn passing(&self) -> Passing {
        Passing::Vectors
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let vectors = answer.get("embeddings");
        let members = ["id", "embeddings", "message"];
        if !self.likeness.answer(&answer, vectors.is_some(), &members) {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        if let Some(failure) = reported(&answer) {
            progress.fail(failure);
        }
        self.dimension = vectors.and_then(dimension);
        if let Some(meta) = answer.get("meta") {
            (self.record.usage, _) = Usage::inclusive(units::counts(meta));
        }
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        let is_whole = chunk.get("meta").is_some_and(|meta| !meta.is_empty());
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

/// Tells how many numbers the first vector has, whichever way it is encoded.
fn dimension(vectors: &Json<'_>) -> Option<u64> {
    let listed = |name| dimension_of_first(vectors.get(name)?);
    let packed = |name| listed(name).map(|bytes| bytes.saturating_mul(8));
    let encoded = || {
        let text = vectors.get("base64")?.items().first()?.as_str()?;
        let digits = u64::try_from(text.trim_end_matches('=').len()).ok()?;
        let bytes = digits.saturating_mul(3) / 4;
        (bytes > 0 && bytes.is_multiple_of(FLOAT)).then_some(bytes / FLOAT)
    };
    dimension_of_first(vectors)
        .or_else(|| listed("float"))
        .or_else(|| listed("int8"))
        .or_else(|| listed("uint8"))
        .or_else(|| packed("binary"))
        .or_else(|| packed("ubinary"))
        .or_else(encoded)
}
