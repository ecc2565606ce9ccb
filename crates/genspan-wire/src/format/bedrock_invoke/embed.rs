//! Vectors for texts and pictures, as Amazon's and Cohere's models give them.

use genspan::{Counts, Diagnostic, Embeddings, Record, Timestamp, Usage};

use crate::{
    count_header::CountHeader,
    detect::Endpoint,
    format::{Decode, Progress, Reader, failure, vectors::dimension},
    json::{Json, Passing},
};

/// Reads one exchange.
#[derive(Clone, Debug)]
pub(super) struct Embed {
    record: Embeddings,
    counts: Counts,
}

impl Embed {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.embeddings(),
            counts: Counts::default(),
        }
    }
}

impl Decode for Embed {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        let nested = request.get("singleEmbeddingParams");
        let dimension = ["dimensions", "output_dimension"]
            .iter()
            .find_map(|name| request.get(name))
            .or_else(|| nested?.get("embeddingDimension"))
            .or_else(|| request.get("embeddingConfig")?.get("outputEmbeddingLength"));
        self.record.dimension_count = dimension.and_then(Json::as_u64);
        let types = ["embeddingTypes", "embedding_types"]
            .iter()
            .find_map(|name| request.get(name));
        let types = types.map(Json::items).unwrap_or_default();
        self.record.encoding_formats = types
            .iter()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect();
    }

    fn count_header(&mut self, header: CountHeader, count: u64) {
        if header == CountHeader::Input {
            self.counts.input.get_or_insert(count);
        }
    }

    fn passing(&self) -> Passing {
        Passing::Vectors
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&answer) {
            progress.fail(failure);
            return;
        }
        let vector = vector(&answer);
        if vector.is_none() {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        // Of a document that was cut the vector may have been cut as well.
        let len = vector.filter(|_| !progress.is_part).and_then(dimension);
        self.record.dimension_count = len.or(self.record.dimension_count);
        let units = answer.get("meta").and_then(|meta| meta.get("billed_units"));
        let stated = answer
            .get("inputTextTokenCount")
            .or_else(|| units?.get("input_tokens"));
        self.counts.input = stated.and_then(Json::as_u64).or(self.counts.input);
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        self.whole(chunk, progress);
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let mut record = self.record;
        let (usage, diagnostics) = Usage::inclusive(self.counts);
        record.usage = usage;
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        Record::Embeddings(Box::new(record))
    }
}

/// Finds the first vector; of several types the one of floats, for others are packed.
fn vector<'j, 'a>(answer: &'j Json<'a>) -> Option<&'j Json<'a>> {
    if let Some(vector) = answer.get("embedding") {
        return Some(vector);
    }
    if let Some(by_type) = answer.get("embeddingsByType") {
        return by_type.get("float").or(Some(by_type));
    }
    let several = answer.get("embeddings")?;
    let several = several.get("float").unwrap_or(several);
    let Some(first) = several.items().first() else {
        return Some(several);
    };
    Some(first.get("embedding").unwrap_or(first))
}
