//! Google's embeddings: `embedContent` and `batchEmbedContents`, and Vertex AI's `predict` of embedding models.

use genspan::{Counts, Diagnostic, Embeddings, Provider, Record, Timestamp, Usage};

use super::{by_modality, flavour, spelled};
use crate::{
    detect::Endpoint,
    format::{Decode, Format, Operation, Progress, Reader, failure},
    framing::Framing,
    json::{Json, Passing},
};

static FORMAT: Format = format_of(flavour(false));
static ON_VERTEX: Format = format_of(flavour(true));

const fn format_of(flavour: Provider) -> Format {
    Format {
        name: "google.embed_content",
        flavour,
        operation: Operation::Embeddings,
        stream_framing: Framing::Whole,
        reader: |endpoint| Box::new(EmbedContent::new(endpoint)),
    }
}

pub(super) fn format(is_vertex: bool) -> &'static Format {
    if is_vertex { &ON_VERTEX } else { &FORMAT }
}

/// Tells by its name whether a model of Vertex AI's makes embeddings: `predict` is asked of models of every kind.
pub(super) fn is_embedding_model(model: &str) -> bool {
    const NAMES: [&str; 6] = [
        "text-embedding-",
        "text-multilingual-embedding-",
        "textembedding-gecko",
        "multimodalembedding",
        "gemini-embedding-",
        "embeddinggemma",
    ];
    NAMES.iter().any(|name| model.starts_with(name))
}

/// Reads one exchange for embeddings; of the vectors nothing is kept but how many numbers one has.
#[derive(Clone, Debug)]
struct EmbedContent {
    record: Embeddings,
    counts: Counts,
}

impl EmbedContent {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.embeddings(),
            counts: Counts::default(),
        }
    }

    fn usage(&mut self, answer: &Json<'_>) {
        if let Some(usage) = spelled::get(answer, "usageMetadata") {
            let details = ["promptTokensDetails", "promptTokenDetails"]
                .iter()
                .find_map(|name| spelled::get(usage, name));
            self.counts.update(Counts {
                input: spelled::count(usage, "promptTokenCount"),
                input_by: details
                    .map(|details| by_modality::read(details, "tokenCount"))
                    .unwrap_or_default(),
                ..Counts::default()
            });
        }
        let predictions = answer
            .get("predictions")
            .map(Json::items)
            .unwrap_or_default();
        let stated = predictions.iter().map(|prediction| {
            let statistics = prediction.get("embeddings")?.get("statistics")?;
            spelled::count(statistics, "tokenCount")
        });
        self.counts.update(Counts {
            input: stated.fold(None, by_modality::sum),
            ..Counts::default()
        });
    }
}

/// Finds the first vector, in whichever of the shapes.
fn dimension(answer: &Json<'_>) -> Option<u64> {
    let first = |name| answer.get(name)?.items().first();
    if let Some(embedding) = answer.get("embedding").or_else(|| first("embeddings")) {
        return embedding.get("values").and_then(length);
    }
    let prediction = first("predictions")?;
    let of_text = || prediction.get("embeddings")?.get("values");
    let of_media = || {
        ["textEmbedding", "imageEmbedding"]
            .iter()
            .find_map(|name| prediction.get(name))
    };
    let of_video = || {
        let segments = prediction.get("videoEmbeddings")?;
        segments.items().first()?.get("embedding")
    };
    of_text()
        .or_else(of_media)
        .or_else(of_video)
        .and_then(length)
}

/// Gives the length that was read in place of a vector; one that stands there itself is of a document that was cut, and
/// may have been longer.
fn length(vector: &Json<'_>) -> Option<u64> {
    vector.as_u64()
}

impl Decode for EmbedContent {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        if self.record.model.is_none() {
            self.record.model = spelled::string(&request, "model");
        }
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        match failure::reported(&answer) {
            Some(failure) => progress.fail(failure),
            None if ["embedding", "embeddings", "predictions"]
                .iter()
                .all(|name| answer.get(name).is_none()) =>
            {
                progress.note(Diagnostic::ResponseUnreadable);
            }
            None => {}
        }
        self.record.dimension_count = dimension(&answer).or(self.record.dimension_count);
        self.usage(&answer);
    }

    fn passing(&self) -> Passing {
        Passing::Vectors
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        self.whole(chunk, progress);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        let (usage, diagnostics) = Usage::inclusive(self.counts);
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        self.record.usage = usage;
        Record::Embeddings(Box::new(self.record))
    }
}
