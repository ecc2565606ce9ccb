//! Chats of the second version: one answer, whole or as a stream of events that build it.

pub(super) mod request;

use genspan::{
    Counts, Diagnostic, ErrorType, Failure, Inference, Message, Part, Record, Role, Timestamp,
    Usage,
};

use super::{growing::Growing, units};
use crate::{
    detect::Endpoint,
    format::{Decode, Progress, Reader, failure, keep::Keep, likeness::Likeness},
    json::{Json, Passing},
};

/// Reads one exchange in the second version of Cohere's chat format.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    record: Inference,
    message: Growing,
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
            message: Growing::default(),
            finish_reason: None,
            counts: Counts::default(),
            keep: Keep::default(),
            passing: Passing::Nothing,
            likeness: Likeness::of(endpoint),
        }
    }

    /// Reads what an answer says of itself; a stream's last event says it.
    fn ending(&mut self, stated: &Json<'_>, progress: &mut Progress) {
        if let Some(reason) = stated.string("finish_reason") {
            if let Some(failure) = failed(&reason, stated) {
                progress.fail(failure);
            }
            self.finish_reason = Some(reason);
        }
        if let Some(usage) = stated.get("usage") {
            self.counts.update(units::counts(usage));
        }
    }

    /// Reads an event that builds the message.
    fn build(&mut self, kind: &str, mut event: Json<'_>) {
        let index = event.get("index").and_then(Json::as_u64);
        let Some(mut message) = event
            .take("delta")
            .and_then(|mut delta| delta.take("message"))
        else {
            return;
        };
        let keep = &mut self.keep;
        let mut piece = |name| message.take(name).unwrap_or(Json::Null);
        match kind {
            "content-start" => self
                .message
                .start(index.unwrap_or(0), piece("content"), keep),
            "content-delta" => self.message.grow(index, piece("content"), keep),
            "tool-call-start" | "tool-call-delta" => {
                self.message.call(index, piece("tool_calls"), keep);
            }
            "citation-start" => self.message.cite(piece("citations"), keep),
            _ => self.message.begin(&mut message, keep),
        }
    }

    /// Makes the message of what was said; an answer that says nothing, not even why it ended, has none.
    fn output(&mut self, progress: &Progress) -> Option<Message> {
        let message = std::mem::take(&mut self.message);
        let role = message.role().map_or(Role::Assistant, Role::from);
        said(
            role,
            message.into_parts(),
            self.finish_reason.as_deref(),
            progress,
        )
    }
}

impl Decode for Chat {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        self.likeness.request(request.text("model").is_some());
        request::settings(&request, &mut self.record.request);
        request::content(request, &mut self.record.content, &mut self.keep);
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        let is_sure = answer.text("finish_reason").is_some();
        let members = ["id", "message", "usage", "finish_reason"];
        if !self.likeness.answer(&answer, is_sure, &members) {
            progress.note(Diagnostic::ResponseUnreadable);
        }
        if let Some(failure) = reported(&answer) {
            progress.fail(failure);
        }
        self.record.response.id = answer.string("id");
        self.ending(&answer, progress);
        if let Some(message) = answer.take("message") {
            self.message.read(message, &mut self.keep);
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Message;
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let kind = chunk.string("type").unwrap_or_default();
        let is_known = ["message-", "content-", "tool-", "citation-"]
            .iter()
            .any(|start| kind.starts_with(start));
        self.likeness.answer(&chunk, is_known, &["type"]);
        match kind.as_str() {
            "message-start" => {
                self.record.response.id = chunk.string("id").or(self.record.response.id.take());
                self.build(&kind, chunk);
            }
            "message-end" => {
                if let Some(delta) = chunk.get("delta") {
                    self.ending(delta, progress);
                    if let Some(failure) = reported(delta) {
                        progress.fail(failure);
                    }
                    // Of an event that was cut off there may be nothing else.
                    progress.terminal =
                        delta.get("finish_reason").is_some() || delta.get("usage").is_some();
                }
            }
            _ => {
                if let Some(failure) = reported(&chunk) {
                    progress.fail(failure);
                    return;
                }
                self.build(&kind, chunk);
            }
        }
        self.record.timing.chunk(at);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        self.likeness.conclude(progress);
        progress.finished = self.finish_reason.is_some();
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
        record.response.finish_reasons = self.finish_reason.into_iter().collect();
        record.content.output.extend(output);
        record.into()
    }
}

/// Makes the message of an answer's parts; an answer that says nothing, not even why it ended, has none.
pub(super) fn said(
    role: Role,
    parts: Vec<Part>,
    finish_reason: Option<&str>,
    progress: &Progress,
) -> Option<Message> {
    if parts.is_empty() && finish_reason.is_none() {
        return None;
    }
    let mut message = Message::new(role, parts);
    message.finish_reason = progress.reason(finish_reason);
    Some(message)
}

/// Reads the error that an answer reports; it may be nothing but a text called `message`.
pub(super) fn reported(answer: &Json<'_>) -> Option<Failure> {
    let is_error = answer.text("message").is_some();
    failure::reported(answer).or_else(|| is_error.then(|| failure::of_event(answer)))
}

/// Describes the failure that a reason to end is.
pub(super) fn failed(finish_reason: &str, stated: &Json<'_>) -> Option<Failure> {
    let class = match finish_reason {
        "ERROR" => ErrorType::ServerError,
        "TIMEOUT" => ErrorType::Timeout,
        _ => return None,
    };
    let failure = Failure::new(class);
    let says_why = stated.get("error").is_some();
    Some(if says_why {
        failure::with_message(failure, stated)
    } else {
        failure
    })
}
