//! Bedrock's Converse: one shape for the models of all makers, whole or as a stream of named events.
//!
//! Signatures over reasoning, what marks a place to cache up to, measured times and traces are left out.

mod block;
mod growing;
mod request;
mod usage;

use genspan::{
    Counts, Diagnostic, Inference, InferenceKind, Message, Part, Provider, Record, Role, Timestamp,
    Usage,
};

use self::growing::Blocks;
pub(crate) use self::usage::counts;
use super::{Decode, Format, Found, Operation, Progress, Reader, failure};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::Json,
};

static FORMAT: Format = Format {
    name: "aws.bedrock.converse",
    flavour: Provider::AWS_BEDROCK,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::EventStream,
    reader: |endpoint| Box::new(Converse::new(endpoint)),
};

/// Knows a request of Converse by its path, which names the model.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let whole = asked.between("/model/", "/converse");
    let model = whole
        .clone()
        .or_else(|| asked.between("/model/", "/converse-stream"))?;
    asked.is_post().then(|| Found {
        is_stream: whole.is_none(),
        ..Found::from(&FORMAT).with_model(Some(model))
    })
}

/// Reads one exchange in the shape of Converse, which Amazon's Nova speaks by itself too.
#[derive(Clone, Debug)]
pub(crate) struct Converse {
    record: Inference,
    counts: Counts,
    role: Option<String>,
    stop_reason: Option<String>,
    /// The parts of an answer that came as one document.
    parts: Vec<Part>,
    /// The blocks of an answer that came as a stream.
    blocks: Blocks,
}

impl Converse {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            counts: Counts::default(),
            role: None,
            stop_reason: None,
            parts: Vec::new(),
            blocks: Blocks::default(),
        }
    }

    /// Reads what Nova answers by itself: it begins a block with every piece of a text.
    pub(crate) fn of_nova(endpoint: &Endpoint) -> Self {
        let mut converse = Self::new(endpoint);
        converse.blocks = Blocks::joining_texts();
        converse
    }

    /// Reads what an answer says beside its message, and a stream in its last event.
    fn beside(&mut self, stated: &Json<'_>) {
        if let Some(usage) = stated.get("usage") {
            self.counts.update(counts(usage));
        }
        let response = &mut self.record.response;
        if let Some(tier) = stated
            .get("serviceTier")
            .and_then(|tier| tier.string("type"))
        {
            response.service_tier = Some(tier);
        }
        let router = stated
            .get("trace")
            .and_then(|trace| trace.get("promptRouter"));
        if let Some(model) = router.and_then(|router| router.string("invokedModelId")) {
            response.model = Some(model);
        }
    }

    fn stop(&mut self, stated: &Json<'_>) {
        if let Some(reason) = stated.string("stopReason") {
            self.stop_reason = Some(reason);
        }
    }

    /// Makes the message of what was said; an answer that says nothing, not even why it ended, has none.
    fn output(&mut self, progress: &Progress) -> Option<Message> {
        let mut parts = std::mem::take(&mut self.parts);
        parts.append(&mut std::mem::take(&mut self.blocks).into_parts());
        if parts.is_empty() && self.stop_reason.is_none() {
            return None;
        }
        let role = Role::from(self.role.as_deref().unwrap_or("assistant"));
        let mut message = Message::new(role, parts);
        message.finish_reason = progress.reason(self.stop_reason.as_deref());
        Some(message)
    }
}

impl Decode for Converse {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        let is_stream = self.record.request.stream;
        request::settings(&request, &mut self.record);
        self.record.request.stream = is_stream;
        request::content(request, &mut self.record.content);
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        match failure::reported(&answer) {
            Some(failure) => progress.fail(failure),
            None if answer.get("output").is_none() && answer.get("usage").is_none() => {
                progress.note(Diagnostic::ResponseUnreadable);
            }
            None => {}
        }
        self.stop(&answer);
        self.beside(&answer);
        let message = answer
            .take("output")
            .and_then(|mut output| output.take("message"));
        if let Some(mut message) = message {
            self.role = message.string("role").or(self.role.take());
            if let Some(content) = message.take("content") {
                self.parts.append(&mut block::parts(content));
            }
        }
    }

    fn event(&mut self, name: &str, event: Json<'_>, at: Timestamp, progress: &mut Progress) {
        match name {
            "messageStart" => self.role = event.string("role").or(self.role.take()),
            "contentBlockStart" => self.blocks.start(event),
            "contentBlockDelta" => self.blocks.delta(event),
            "messageStop" => self.stop(&event),
            "metadata" => {
                self.beside(&event);
                progress.terminal = true;
            }
            _ if name.ends_with("Exception") => {
                progress.fail(failure::of_exception(name, &event));
                return;
            }
            _ => {}
        }
        self.record.timing.chunk(at);
    }

    /// Where no framing names the event the document does: `{"messageStop":{…}}`.
    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        if chunk.get("output").is_some() {
            self.record.timing.chunk(at);
            return self.whole(chunk, progress);
        }
        if let Some(failure) = failure::reported(&chunk) {
            progress.fail(failure);
            return;
        }
        let is_event = |name: &str| {
            name.starts_with("message")
                || name.starts_with("contentBlock")
                || name == "metadata"
                || name.ends_with("Exception")
        };
        let events = chunk.into_members().into_iter();
        for (name, event) in events.filter(|(name, _)| is_event(name)) {
            self.event(&name, event, at, progress);
        }
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        progress.finished = self.stop_reason.is_some();
        if self.blocks.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        let (usage, diagnostics) = Usage::exclusive(self.counts);
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        let output = self.output(progress);
        let mut record = self.record;
        record.usage = usage;
        record.response.finish_reasons = self.stop_reason.into_iter().collect();
        record.content.output.extend(output);
        record.into()
    }
}
