//! Bedrock's InvokeModel: a body as the model's maker has it, whole or in the `chunk` events of a binary stream.
//!
//! Which shape a body has is told by the request, by the model in the path, or by the answer, in this order. What
//! Bedrock measured, in a member or in headers of the response, stands in for counts that the body does not state.

mod command_r;
mod completion;
mod embed;
mod shape;

use base64::{Engine, engine::general_purpose::STANDARD};
use genspan::{Counts, Diagnostic, Inference, InferenceKind, Provider, Record, Timestamp, Usage};

use self::shape::Shape;
use super::{Decode, Format, Found, Operation, Progress, Reader, bedrock_converse::counts};
use crate::{
    count_header::CountHeader,
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing, Reading, read_passing},
};

const NAME: &str = "aws.bedrock.invoke_model";

/// What Bedrock adds to the last document of a stream.
const METRICS: &str = "amazon-bedrock-invocationMetrics";

static CHAT: Format = Format {
    name: NAME,
    flavour: Provider::AWS_BEDROCK,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::EventStream,
    reader: |endpoint| Box::new(Invoke::new(endpoint)),
};

static COMPLETION: Format = Format {
    operation: Operation::Inference(InferenceKind::TextCompletion),
    flavour: Provider::AWS_BEDROCK,
    ..CHAT
};

static EMBEDDINGS: Format = Format {
    operation: Operation::Embeddings,
    flavour: Provider::AWS_BEDROCK,
    reader: |endpoint| Box::new(embed::Embed::new(endpoint)),
    ..CHAT
};

/// Knows a request to invoke a model by its path, which names the model; what ranks texts or makes pictures is none.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let whole = asked.between("/model/", "/invoke");
    let is_stream = whole.is_none();
    let model = whole.or_else(|| asked.between("/model/", "/invoke-with-response-stream"))?;
    let format = match shape::operation(&model)? {
        Operation::Embeddings => &EMBEDDINGS,
        Operation::Inference(InferenceKind::TextCompletion) => &COMPLETION,
        Operation::Inference(_) | Operation::ResponseFetch => &CHAT,
    };
    asked.is_post().then(|| Found {
        is_stream,
        ..Found::from(format).with_model(Some(model))
    })
}

/// Reads one exchange by the reader of its shape.
#[derive(Clone, Debug)]
struct Invoke {
    endpoint: Endpoint,
    /// The shape and its reader, once it is known.
    inner: Option<(Shape, Reader)>,
    measured: Counts,
    is_passing_over: bool,
}

impl Invoke {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            endpoint: endpoint.clone(),
            inner: None,
            measured: Counts::default(),
            is_passing_over: false,
        }
    }

    /// Gives the reader, which is chosen by the first document where it is not yet.
    fn reader(&mut self, choose: impl FnOnce(&str) -> Shape) -> &mut Reader {
        let Self {
            endpoint,
            inner,
            is_passing_over,
            ..
        } = self;
        let (_, reader) = inner.get_or_insert_with(|| {
            let shape = choose(endpoint.model.as_deref().unwrap_or_default());
            let mut reader = shape.reader(endpoint);
            if *is_passing_over {
                reader.pass_over_content();
            }
            (shape, reader)
        });
        reader
    }

    /// Reads what Bedrock measured, which comes with the last document.
    fn measure(&mut self, document: &Json<'_>, progress: &mut Progress) {
        if let Some(metrics) = document.get(METRICS) {
            self.measured.update(counts(metrics));
            progress.terminal = true;
        }
    }

    /// Reads a document of the model's own, as it stands in an event.
    fn own(&mut self, bytes: &[u8], at: Timestamp, progress: &mut Progress) {
        let may_be_quick = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| !text.contains(METRICS));
        if let (Some(text), Some((_, reader))) = (may_be_quick, &mut self.inner)
            && reader.quick(text, at)
        {
            return;
        }
        read_passing(bytes, self.passing(), |reading, document| {
            if reading == Reading::Cut {
                progress.note(Diagnostic::FrameTooLong);
            } else if reading != Reading::Whole {
                progress.note(Diagnostic::FrameUnreadable);
            }
            if reading != Reading::Nothing {
                self.document(document, at, progress);
            }
        });
    }

    fn document(&mut self, document: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let measured = document.get(METRICS).is_some();
        self.measure(&document, &mut Progress::default());
        let reader = self.reader(|model| Shape::of_answer(model, &document));
        reader.chunk(document, at, progress);
        progress.terminal |= measured;
    }

    /// Sets what Bedrock alone knows.
    fn complete(&self, record: &mut Inference, shape: Shape) {
        record.kind = shape.kind();
        record.request.stream = self.endpoint.is_stream;
        // It speaks as OpenAI's interface does, and is not that.
        record.response.api_type = None;
        let is_uncounted = record.usage.input().is_none() && record.usage.output().is_none();
        if is_uncounted && self.measured != Counts::default() {
            record.set_usage(Usage::exclusive(self.measured));
        }
    }
}

impl Decode for Invoke {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        let reader = self.reader(|model| Shape::of_request(model, &request));
        reader.request(request);
    }

    fn count_header(&mut self, header: CountHeader, count: u64) {
        header.note(count, &mut self.measured);
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        self.measure(&answer, progress);
        let reader = self.reader(|model| Shape::of_answer(model, &answer));
        reader.whole(answer, progress);
    }

    fn passing(&self) -> Passing {
        self.inner
            .as_ref()
            .map_or(Passing::Nothing, |(_, reader)| reader.passing())
    }

    fn pass_over_content(&mut self) {
        self.is_passing_over = true;
        if let Some((_, reader)) = &mut self.inner {
            reader.pass_over_content();
        }
    }

    fn event(&mut self, name: &str, event: Json<'_>, at: Timestamp, progress: &mut Progress) {
        if name == "chunk" {
            self.chunk(event, at, progress);
        }
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        match chunk.text("bytes").map(|bytes| STANDARD.decode(bytes)) {
            Some(Ok(bytes)) => self.own(&bytes, at, progress),
            Some(Err(_)) => progress.note(Diagnostic::FrameUnreadable),
            // Some that stand between take the wrapping off.
            None => self.document(chunk, at, progress),
        }
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        let Some((shape, reader)) = self.inner.take() else {
            return self.endpoint.inference().into();
        };
        let mut record = reader.finish(progress);
        if let Record::Inference(record) = &mut record {
            self.complete(record, shape);
        }
        record
    }
}
