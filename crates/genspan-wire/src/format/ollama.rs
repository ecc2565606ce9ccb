//! Ollama's own formats: chats, completions and embeddings; an answer is a stream of lines unless asked otherwise.
//!
//! A line of a stream and a whole answer have the same members, so that both are read alike: what was said is
//! appended, of all else the last word stands.

mod embed;
mod request;
mod said;

use genspan::{
    Counts, Diagnostic, Inference, InferenceKind, Message, Provider, Record, Role, Timestamp, Usage,
};

use self::said::Said;
use super::{
    Decode, Format, Found, Operation, Progress, Reader, failure, keep::Keep, likeness::Likeness,
};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing},
};

/// Where Ollama listens unless told otherwise.
const PORT: u16 = 11434;

static CHAT: Format = Format {
    name: "ollama.chat",
    flavour: Provider::OLLAMA,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Lines,
    reader: |endpoint| Box::new(Answering::new(endpoint)),
};

/// A prompt is gone on from: that it is wrapped in the model's template is what a completion of OpenAI's may do too.
static GENERATE: Format = Format {
    name: "ollama.generate",
    flavour: Provider::OLLAMA,
    operation: Operation::Inference(InferenceKind::TextCompletion),
    stream_framing: Framing::Lines,
    reader: |endpoint| Box::new(Answering::new(endpoint)),
};

static EMBED: Format = Format {
    name: "ollama.embed",
    flavour: Provider::OLLAMA,
    operation: Operation::Embeddings,
    stream_framing: Framing::Whole,
    reader: |endpoint| Box::new(embed::Embedding::new(endpoint)),
};

/// Knows what is asked by its path; listing, loading and making models asks none.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let formats = [
        ("/api/chat", &CHAT),
        ("/api/generate", &GENERATE),
        ("/api/embed", &EMBED),
        ("/api/embeddings", &EMBED),
    ];
    let found = formats.into_iter().find(|(end, _)| asked.posts_to(end));
    found.map(|(_, format)| Found::from(format))
}

fn likeness(endpoint: &Endpoint) -> Likeness {
    Likeness::of(endpoint).or_at_port(endpoint, PORT)
}

/// Reads one exchange in which a model answers.
#[derive(Clone, Debug)]
struct Answering {
    record: Inference,
    /// Whether a stream was asked for; `None` where the request was not read.
    is_stream: Option<bool>,
    said: Said,
    done_reason: Option<String>,
    counts: Counts,
    keep: Keep,
    passing: Passing,
    likeness: Likeness,
}

impl Answering {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            is_stream: None,
            said: Said::default(),
            done_reason: None,
            counts: Counts::default(),
            keep: Keep::default(),
            passing: Passing::Nothing,
            likeness: likeness(endpoint),
        }
    }

    fn is_chat(&self) -> bool {
        self.record.kind == InferenceKind::Chat
    }

    /// Reads an answer, or a line of one.
    fn read(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&answer) {
            progress.fail(failure);
        }
        let count = |name| answer.get(name).and_then(Json::as_u64);
        self.counts.update(Counts {
            input: count("prompt_eval_count"),
            output: count("eval_count"),
            ..Counts::default()
        });
        let stated = |name| answer.string(name).filter(|text| !text.is_empty());
        let response = &mut self.record.response;
        response.model = stated("model").or(response.model.take());
        self.done_reason = stated("done_reason").or(self.done_reason.take());
        if self.is_chat() {
            if let Some(message) = answer.take("message") {
                self.said.read(message, "content", &mut self.keep);
            }
        } else {
            self.said.read_answer(answer, &mut self.keep);
        }
    }

    /// Tells whether the request only made the server load a model into memory, or drop it from there.
    fn is_loading(&self) -> bool {
        let is_loading = matches!(self.done_reason.as_deref(), Some("load" | "unload"));
        is_loading && self.counts == Counts::default()
    }

    /// Tells whether an answer, or a line of one, may be one; all of them say whether they are the last.
    fn may_be_answer(&mut self, answer: &Json<'_>) -> bool {
        let is_done = answer.get("done").and_then(Json::as_bool);
        let members = ["model", "created_at"];
        self.likeness.answer(answer, is_done.is_some(), &members)
    }

    /// Makes the message of what was said; an answer that says nothing, not even why it ended, has none.
    fn output(&mut self, progress: &Progress) -> Option<Message> {
        let said = std::mem::take(&mut self.said);
        let role = said.role().map_or(Role::Assistant, Role::from);
        let mut message = Message::new(role, said.into_parts());
        if message.parts.is_empty() && self.done_reason.is_none() {
            return None;
        }
        message.finish_reason = progress.reason(self.done_reason.as_deref());
        Some(message)
    }
}

impl Decode for Answering {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        self.likeness.request(request.text("model").is_some());
        let is_stream = request.get("stream").and_then(Json::as_bool);
        self.is_stream = Some(is_stream.unwrap_or(!request.members().is_empty()));
        request::settings(&request, &mut self.record.request);
        let content = &mut self.record.content;
        if self.record.kind == InferenceKind::Chat {
            request::conversation(request, content, &mut self.keep);
        } else {
            request::prompt(request, content);
        }
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        if !self.may_be_answer(&answer) {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        self.read(answer, progress);
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Message;
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        self.may_be_answer(&chunk);
        let done = chunk.get("done").and_then(Json::as_bool);
        let is_part = done.is_some() || failure::reported(&chunk).is_none();
        // An answer that was not to be streamed may come as one line.
        if is_part && self.is_stream != Some(false) {
            self.record.timing.chunk(at);
        }
        self.read(chunk, progress);
        progress.terminal |= done == Some(true);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        self.likeness.conclude(progress);
        progress.asks_no_model |= self.is_loading();
        progress.finished = self.done_reason.is_some();
        let (usage, diagnostics) = Usage::inclusive(self.counts);
        diagnostics
            .into_iter()
            .for_each(|diagnostic| progress.note(diagnostic));
        if self.keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        let output = self.output(progress);
        let mut record = self.record;
        record.usage = usage;
        record.request.stream = self
            .is_stream
            .unwrap_or_else(|| record.timing.first_chunk().is_some());
        record.response.finish_reasons = self.done_reason.into_iter().collect();
        record.content.output.extend(output);
        record.into()
    }
}
