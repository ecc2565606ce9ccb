//! Anthropic's messages: one answer of content blocks, whole or as a stream of events that build them.
//!
//! A stream's events only gather, in `growing`; what they gathered is read by `block` as the blocks of a whole answer
//! are, so that both give the same parts. Signatures, sealed reasoning and sealed results mean nothing to anyone but
//! the provider and are left out.

mod block;
mod growing;
pub(crate) mod members;
mod quick;
mod request;
mod tokens;

use genspan::{
    Diagnostic, Generic, Inference, InferenceKind, Message, Part, Provider, Record, Role, Timestamp,
};

pub(crate) use self::{block::parts, tokens::Tokens};
use self::{growing::Blocks, members::Members};
use super::{Decode, Format, Found, Operation, Progress, Reader, failure};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Beginning, Json, Passing},
};

static FORMAT: Format = Format {
    name: "anthropic.messages",
    flavour: Provider::ANTHROPIC,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Messages::new(endpoint)),
};

/// The same as Vertex AI serves it, which names the model in the path.
pub(crate) static ON_VERTEX: Format = Format {
    name: "anthropic.messages",
    flavour: Provider::GCP_VERTEX_AI,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Messages::new(endpoint)),
};

/// Knows a request for a message by its path.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    asked.posts_to("/v1/messages").then(|| Found::from(&FORMAT))
}

/// Reads one exchange in Anthropic's messages format.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    record: Inference,
    tokens: Tokens,
    role: Option<String>,
    stop_reason: Option<String>,
    /// What a refusal says of itself.
    refusal: Option<Part>,
    /// The parts of an answer that came as one document.
    parts: Vec<Part>,
    /// The blocks of an answer that came as a stream.
    blocks: Blocks,
    passing: Passing,
    /// How the last of the common events began.
    beginning: Beginning<quick::Head>,
}

impl Messages {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            tokens: Tokens::default(),
            role: None,
            stop_reason: None,
            refusal: None,
            parts: Vec::new(),
            blocks: Blocks::default(),
            passing: Passing::Nothing,
            beginning: Beginning::default(),
        }
    }

    /// Reads what a message says of itself: all of it but what it says to the user.
    fn message(&mut self, message: &Json<'_>) {
        let response = &mut self.record.response;
        response.id = message.string("id").or(response.id.take());
        response.model = message.string("model").or(response.model.take());
        self.role = message.string("role").or(self.role.take());
        self.stop(message);
        self.usage(message);
    }

    /// Reads why the model stopped, if it says so.
    fn stop(&mut self, stated: &Json<'_>) {
        if let Some(reason) = stated.string("stop_reason") {
            self.stop_reason = Some(reason);
        }
        if let Some(details) = stated
            .get("stop_details")
            .filter(|details| details.text("type") == Some("refusal"))
        {
            let members = Members::of(details.members_except(&["type"])).into_recordable();
            self.refusal = Some(Part::Generic(Generic {
                kind: "refusal".to_owned(),
                members,
            }));
        }
    }

    fn usage(&mut self, stated: &Json<'_>) {
        if let Some(usage) = stated.get("usage") {
            self.tokens.read(usage);
            // Fast answers have a price of their own, as a tier has.
            let speed = usage.text("speed").filter(|speed| *speed != "standard");
            if let Some(tier) = speed.or_else(|| usage.text("service_tier")) {
                self.record.response.service_tier = Some(tier.to_owned());
            }
        }
    }

    /// Makes the message of what was said; an answer that says nothing, not even why it ended, has none.
    fn output(&mut self, progress: &Progress) -> Option<Message> {
        let mut parts = std::mem::take(&mut self.parts);
        parts.append(&mut std::mem::take(&mut self.blocks).into_parts());
        parts.extend(self.refusal.take());
        if parts.is_empty() && self.stop_reason.is_none() {
            return None;
        }
        let mut message = Message::new(
            Role::from(self.role.as_deref().unwrap_or("assistant")),
            parts,
        );
        message.finish_reason = progress.reason(self.stop_reason.as_deref());
        Some(message)
    }
}

impl Decode for Messages {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        request::settings(&request, &mut self.record.request);
        request::content(request, &mut self.record.content);
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        match failure::reported(&answer) {
            Some(failure) => progress.fail(failure),
            None if answer.get("content").is_none() && answer.get("usage").is_none() => {
                progress.note(Diagnostic::ResponseUnreadable);
            }
            None => {}
        }
        self.message(&answer);
        if let Some(content) = answer.take("content") {
            self.parts.append(&mut parts(content));
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Blocks;
    }

    fn quick(&mut self, chunk: &str, at: Timestamp) -> bool {
        let is_text_wanted = self.passing == Passing::Nothing;
        let Some(piece) = quick::piece(chunk, is_text_wanted, &mut self.beginning) else {
            return false;
        };
        self.blocks.piece(piece.index, piece.kind, &piece.text);
        self.record.timing.chunk(at);
        true
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let kind = chunk.text("type").unwrap_or_default();
        match kind {
            "ping" => return,
            "message_start" => {
                if let Some(message) = chunk.get("message") {
                    self.message(message);
                }
            }
            "content_block_start" => self.blocks.start(&chunk),
            "content_block_delta" => self.blocks.delta(&chunk),
            "message_delta" => {
                if let Some(delta) = chunk.get("delta") {
                    self.stop(delta);
                }
                self.usage(&chunk);
            }
            "message_stop" => progress.terminal = true,
            "message" => self.whole(chunk, progress),
            _ => {
                if let Some(failure) = failure::reported(&chunk) {
                    progress.fail(failure);
                    return;
                }
            }
        }
        self.record.timing.chunk(at);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        progress.finished = self.stop_reason.is_some();
        let (usage, diagnostics) = self.tokens.usage();
        diagnostics
            .into_iter()
            .for_each(|diagnostic| progress.note(diagnostic));
        if self.blocks.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        let output = self.output(progress);
        let summarised = |part: &Part| matches!(part, Part::Compaction(_));
        let mut record = self.record;
        record.usage = usage;
        record.response.is_compacted = self.stop_reason.as_deref() == Some("compaction")
            || output
                .as_ref()
                .is_some_and(|message| message.parts.iter().any(summarised));
        record.response.finish_reasons = self.stop_reason.into_iter().collect();
        record.content.output.extend(output);
        record.into()
    }
}
