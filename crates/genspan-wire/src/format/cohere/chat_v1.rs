//! Chats of the first version: one text and what belongs to it, whole or as lines that build it.
//!
//! The last line of a stream holds the whole answer again. It stands for what came before where it says anything.

mod request;

use genspan::{
    Counts, Diagnostic, Inference, Message, Part, Record, Role, Timestamp, Usage, Value,
};

use super::{
    chat::{failed, reported, said},
    growing::list,
    units,
};
use crate::{
    bounded::BoundedText,
    detect::Endpoint,
    format::{
        Decode, Progress, Reader, keep::Keep, likeness::Likeness,
        openai_chat::tool_calls::ToolCalls,
    },
    json::{Json, Passing},
};

/// What belongs to an answer's text and has no part of its own.
const BESIDE_TEXT: [&str; 4] = ["citations", "documents", "search_queries", "search_results"];

/// Reads one exchange in the first version of Cohere's chat format.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    record: Inference,
    text: BoundedText,
    calls: ToolCalls,
    beside: [Vec<Value>; BESIDE_TEXT.len()],
    finish_reason: Option<String>,
    counts: Counts,
    keep: Keep,
    passing: Passing,
    likeness: Likeness,
}

impl Chat {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            text: BoundedText::new(),
            calls: ToolCalls::default(),
            beside: Default::default(),
            finish_reason: None,
            counts: Counts::default(),
            keep: Keep::default(),
            passing: Passing::Nothing,
            likeness: Likeness::of(endpoint),
        }
    }

    /// Reads an answer that has everything, in place of the pieces of it that came before.
    fn read(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        self.about(&answer, progress);
        if let Some(meta) = answer.get("meta") {
            self.counts.update(units::counts(meta));
        }
        if self.text.is_empty() {
            self.push_text(answer.take("text"));
        }
        self.read_calls(answer.take_items("tool_calls"));
        for (name, kept) in BESIDE_TEXT.iter().zip(&mut self.beside) {
            let items = answer.take_items(name);
            if !items.is_empty() {
                kept.clear();
                extend(kept, items, &mut self.keep);
            }
        }
    }

    /// Reads what answers and their streams say of themselves.
    fn about(&mut self, stated: &Json<'_>, progress: &mut Progress) {
        let id = stated.string("generation_id");
        let response = &mut self.record.response;
        response.id = id.or(response.id.take());
        if let Some(reason) = stated.string("finish_reason") {
            if let Some(failure) = failed(&reason, stated) {
                progress.fail(failure);
            }
            self.finish_reason = Some(reason);
        }
    }

    fn push_text(&mut self, piece: Option<Json<'_>>) {
        if let Some(Json::Text(piece)) = piece {
            self.keep.push(&mut self.text, piece);
        }
    }

    /// Reads calls that are whole, in place of their pieces.
    fn read_calls(&mut self, calls: Vec<Json<'_>>) {
        let whole = request::calls(calls, &mut self.keep);
        if !whole.is_empty() {
            self.calls = whole;
        }
    }

    /// Reads a piece of a call, or of what the model says it will call tools for.
    fn grow_call(&mut self, mut piece: Json<'_>) {
        self.push_text(piece.take("text"));
        let arguments = piece.take("parameters");
        let name = piece.text("name");
        if name.is_some() || arguments.is_some() {
            let index = piece.get("index").and_then(Json::as_u64).unwrap_or(0);
            self.calls
                .read_call(Some(index), None, name, arguments, &mut self.keep);
        }
    }

    /// Reads an event of a stream.
    fn event(&mut self, kind: &str, mut event: Json<'_>, progress: &mut Progress) {
        self.about(&event, progress);
        match kind {
            "text-generation" => self.push_text(event.take("text")),
            "tool-calls-chunk" => {
                if let Some(piece) = event.take("tool_call_delta") {
                    self.grow_call(piece);
                }
            }
            "tool-calls-generation" => {
                if self.text.is_empty() {
                    self.push_text(event.take("text"));
                }
                self.read_calls(event.take_items("tool_calls"));
            }
            "stream-end" => {
                if let Some(answer) = event.take("response") {
                    // Of an event that was cut off there may be nothing else.
                    progress.terminal = answer.get("meta").is_some();
                    self.read(answer, progress);
                }
                progress.terminal |= self.finish_reason.is_some();
            }
            _ => {
                for (name, kept) in BESIDE_TEXT.iter().zip(&mut self.beside) {
                    extend(kept, event.take_items(name), &mut self.keep);
                }
            }
        }
    }
}

impl Decode for Chat {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        self.likeness.request(request.text("message").is_some());
        request::settings(&request, &mut self.record);
        request::content(request, &mut self.record.content, &mut self.keep);
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let is_sure =
            answer.text("generation_id").is_some() || answer.text("finish_reason").is_some();
        let members = ["response_id", "generation_id", "text", "meta"];
        if !self.likeness.answer(&answer, is_sure, &members) {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        if let Some(failure) = reported(&answer) {
            progress.fail(failure);
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
        if let Some(kind) = chunk.string("event_type") {
            self.likeness.answer(&chunk, true, &[]);
            self.event(&kind, chunk, progress);
        } else {
            let is_error = reported(&chunk).is_some();
            self.whole(chunk, progress);
            // An answer that was not to be streamed may come as one line.
            if is_error || !self.record.request.stream {
                return;
            }
        }
        self.record.timing.chunk(at);
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let Self {
            mut record,
            text,
            calls,
            beside,
            finish_reason,
            counts,
            keep,
            likeness,
            ..
        } = *self;
        likeness.conclude(progress);
        progress.finished = finish_reason.is_some();
        let (usage, diagnostics) = Usage::inclusive(counts);
        diagnostics
            .into_iter()
            .for_each(|diagnostic| progress.note(diagnostic));
        if keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        record.usage = usage;
        let mut parts: Vec<Part> = Vec::new();
        parts.extend((!text.is_empty()).then(|| Part::Text(text.into_string())));
        parts.extend(calls.into_parts());
        let beside = BESIDE_TEXT.iter().zip(beside);
        parts.extend(beside.filter_map(|(name, items)| list(name, items)));
        let output: Option<Message> =
            said(Role::Assistant, parts, finish_reason.as_deref(), progress);
        record.content.output.extend(output);
        record.response.finish_reasons = finish_reason.into_iter().collect();
        record.into()
    }
}

fn extend(kept: &mut Vec<Value>, items: Vec<Json<'_>>, keep: &mut Keep) {
    for item in items {
        let item = item.into_value();
        if keep.piece(item.weight()) {
            kept.push(item);
        }
    }
}
