//! Embeddings in OpenAI's shape, which most others speak too.

use genspan::{ByModality, Counts, Embeddings, Provider, Record, Timestamp, Usage};

use super::{Decode, Format, Found, Operation, Progress, Reader, failure, openai_usage::Counted};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing},
};

static FORMAT: Format = Format {
    name: "openai.embeddings",
    flavour: Provider::OPENAI,
    operation: Operation::Embeddings,
    stream_framing: Framing::Whole,
    reader: |endpoint| Box::new(Vectors::new(endpoint)),
};

/// Knows a request by its path; `/api/embeddings` is Ollama's own.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let is_asked = asked.posts_to("/embeddings") && asked.path != "/api/embeddings";
    let model = || {
        asked
            .deployment()
            .or_else(|| asked.segment_behind("/engines/"))
    };
    is_asked.then(|| Found::from(&FORMAT).with_model(model()))
}

/// Reads one exchange; the vectors themselves are nobody's telemetry.
#[derive(Clone, Debug)]
struct Vectors {
    record: Embeddings,
    /// How the numbers are packed, as far as the request says it.
    number: Number,
    counted: Counted,
    is_answered: bool,
}

/// Names what a vector is sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    /// Four bytes a number where they are packed.
    Float,
    /// A byte a number where they are packed.
    Byte,
    /// Eight numbers in each byte.
    Bit,
}

impl Vectors {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.embeddings(),
            number: Number::Float,
            counted: Counted::default(),
            is_answered: false,
        }
    }
}

impl Decode for Vectors {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        let record = &mut self.record;
        let model = request.string("model");
        record.model = model.or_else(|| request.string("model_id"));
        for name in ["encoding_format", "embedding_type", "output_dtype"] {
            let Some(stated) = request.get(name) else {
                continue;
            };
            let stated = std::slice::from_ref(stated).iter().chain(stated.items());
            for format in stated.filter_map(Json::as_str) {
                self.number = Number::of(format).unwrap_or(self.number);
                if !record.encoding_formats.iter().any(|seen| seen == format) {
                    record.encoding_formats.push(format.to_owned());
                }
            }
        }
        // What was asked for stands where the answer has no vectors.
        record.dimension_count = ["dimensions", "output_dimension"]
            .iter()
            .find_map(|name| request.get(name)?.as_u64());
    }

    fn passing(&self) -> Passing {
        Passing::Vectors
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&answer) {
            progress.fail(failure);
        }
        let model = answer.text("model").or_else(|| answer.text("model_id"));
        if let Some(model) = model.filter(|model| !model.is_empty()) {
            self.record.response_model = Some(model.to_owned());
        }
        if let Some(usage) = answer.get("usage") {
            self.counted.read(usage);
            // There is no output, so that the total is the input where that is all that is told.
            self.counted.read_input(usage.get("total_tokens"));
        }
        self.counted.read_input(answer.get("input_token_count"));
        self.counted.read_beside(&answer);
        for name in ["data", "results"] {
            let Some(first) = answer.get(name).and_then(|list| list.items().first()) else {
                continue;
            };
            self.is_answered = true;
            let vector = first
                .get("embedding")
                .filter(|vector| !(progress.is_part && may_be_cut(&answer, name, vector)));
            if let Some(count) = vector.and_then(|vector| self.number.count(vector)) {
                self.record.dimension_count = Some(count);
            }
        }
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        self.whole(chunk, progress);
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let mut record = self.record;
        let (counts, cost) = self.counted.into_parts();
        // Some state an output of 0, which says nothing.
        let (usage, diagnostics) = Usage::inclusive(Counts {
            output: None,
            output_by: ByModality::default(),
            ..counts
        });
        (record.usage, record.cost) = (usage, cost);
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        progress.finished = self.is_answered;
        Record::Embeddings(Box::new(record))
    }
}

impl Number {
    fn of(format: &str) -> Option<Self> {
        match format {
            "int8" | "uint8" => Some(Self::Byte),
            "binary" | "ubinary" => Some(Self::Bit),
            _ => None,
        }
    }

    /// Tells how many numbers a vector has: it is a list, the length of one, or its bytes in base64.
    fn count(self, vector: &Json<'_>) -> Option<u64> {
        if let Json::Text(base64) = vector {
            let digits = base64.trim_end_matches('=').len() as u64;
            let bytes = digits.checked_mul(3)? / 4;
            return match self {
                Self::Float => (bytes > 0 && bytes.is_multiple_of(4)).then_some(bytes / 4),
                Self::Byte => Some(bytes),
                Self::Bit => bytes.checked_mul(8),
            };
        }
        let count = match vector {
            Json::List(items) => items.len() as u64,
            vector => vector.as_u64()?,
        };
        match self {
            Self::Bit => count.checked_mul(8),
            Self::Float | Self::Byte => Some(count),
        }
    }
}

/// Tells whether a vector of a document that ended too early may have been longer: it is the last of all that was read.
fn may_be_cut(answer: &Json<'_>, name: &str, vector: &Json<'_>) -> bool {
    let is_last = |document: &Json<'_>, name: &str| {
        document
            .members()
            .last()
            .is_some_and(|(last, _)| last == name)
    };
    let list = answer.get(name).map_or(&[][..], Json::items);
    let [item] = list else { return false };
    matches!(vector, Json::List(_)) && is_last(answer, name) && is_last(item, "embedding")
}
