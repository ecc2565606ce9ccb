//! One call to a model, gathered from all messages that tell of it.

use genspan::{
    Diagnostic, FinishReason, Inference, Message, Open, Outcome, Part, Role, Scope, SpanContext,
    SpanEvent, Usage, Value,
};
use genspan_wire::{anthropic, bounded::BoundedText};

use crate::{
    book::Book,
    exact::ExactCall,
    fields::Fields,
    moment::{Moment, mark},
};

/// What is known when a call is first heard of.
pub(crate) struct Begin<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) model: Option<String>,
    pub(crate) conversation: Option<String>,
    /// When its request can have been sent.
    pub(crate) since: Moment,
    /// Whether that is when it was sent.
    pub(crate) is_exact: bool,
    pub(crate) now: Moment,
    pub(crate) input: Vec<Message>,
    /// Failed attempts before this one.
    pub(crate) retries: Vec<SpanEvent>,
    pub(crate) attempts: u32,
}

/// Holds a call whose answer is being told.
#[derive(Debug)]
pub(crate) struct Chat {
    id: Option<String>,
    open: Open,
    record: Inference,
    tokens: anthropic::Tokens,
    /// Whether the tokens of the output are those at its end.
    is_counted: bool,
    parts: Vec<Part>,
    weight: usize,
    failure: Option<genspan::Failure>,
    /// When its last piece came.
    ended: Moment,
    is_start_derived: bool,
    stream: Stream,
    growing: Option<Growing>,
    exact: Option<ExactCall>,
}

/// Tells how far a stream of pieces has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    /// The answer is told in whole blocks.
    None,
    Open,
    Stopped,
}

/// Holds a block of which only pieces have come.
#[derive(Debug)]
struct Growing {
    is_reasoning: bool,
    text: BoundedText,
}

impl Chat {
    /// Bounds the content that is kept of one call, in bytes.
    const MAX_WEIGHT: usize = 4 * 1024 * 1024;

    /// Opens the span, with the start that its request can have had.
    pub(crate) fn begin(begin: Begin<'_>, scope: &Scope, book: &mut Book) -> Self {
        let model = begin.model.or_else(|| book.options.model.clone());
        let model = model.unwrap_or_else(|| "unknown".to_owned());
        let mut record = Inference::chat(book.options.provider.clone(), model);
        let known = match (&mut book.exact, begin.id) {
            (Some(exact), Some(id)) => exact.began(id),
            _ => None,
        };
        let (started, is_start_derived) = match known {
            Some(began) => (began, false),
            None => (begin.since.at, !begin.is_exact || begin.since.is_derived),
        };
        let options = book.start(started, "chat", begin.id);
        let open = book.open(scope, &record, options);
        book.tally.calls += 1;
        if let Some(id) = begin.id {
            book.calls.insert(id, open.context().clone());
        }
        record.common.conversation_id = begin.conversation;
        record.common.events = begin.retries;
        record.attempts = begin.attempts;
        record.content.input = begin.input;
        Self {
            id: begin.id.map(str::to_owned),
            open,
            record,
            tokens: anthropic::Tokens::default(),
            is_counted: false,
            parts: Vec::new(),
            weight: 0,
            failure: None,
            ended: begin.now,
            is_start_derived,
            stream: Stream::None,
            growing: None,
            exact: None,
        }
    }

    pub(crate) fn context(&self) -> &SpanContext {
        self.open.context()
    }

    /// Tells whether a message with this id tells of this call; without one, it is the call that is being told.
    pub(crate) fn is_of(&self, id: Option<&str>) -> bool {
        self.id.as_deref() == id
    }

    pub(crate) const fn ended(&self) -> Moment {
        self.ended
    }

    /// Gives what it says where that is an answer: text, and no tools.
    pub(crate) fn answer(&self) -> Option<Message> {
        let is_asking = |part: &Part| matches!(part, Part::ToolCallRequest(_));
        if self.parts.iter().any(is_asking) {
            return None;
        }
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let texts: Vec<&str> = texts.collect();
        let mut message = Message::text(Role::Assistant, texts.concat());
        let reason = self.record.response.finish_reasons.first();
        message.finish_reason = reason.map(|reason| FinishReason::from_provider(reason));
        (!texts.is_empty()).then_some(message)
    }

    /// Takes what a message tells: its content apart, which is told block by block.
    pub(crate) fn message(&mut self, message: &Value, now: Moment) {
        let response = &mut self.record.response;
        response.id = message.owned_id("id").or(response.id.take());
        response.model = message.owned_id("model").or(response.model.take());
        self.stop(message);
        if let Some(usage) = message.member("usage") {
            self.usage(usage, message.id("stop_reason").is_some());
        }
        if self.stream != Stream::Stopped {
            self.ended = self.ended.max(now);
        }
    }

    fn usage(&mut self, usage: &Value, is_final: bool) {
        // A snapshot of the beginning that comes after the end has nothing to say.
        if self.is_counted && !is_final {
            return;
        }
        self.tokens.read(usage);
        self.is_counted |= is_final;
        if let Some(tier) = usage.id("service_tier") {
            self.record.response.service_tier = Some(tier.to_owned());
        }
    }

    fn stop(&mut self, stated: &Value) {
        if let Some(reason) = stated.owned_id("stop_reason") {
            self.record.response.finish_reasons = vec![reason];
        }
    }

    /// Takes a block that is whole.
    pub(crate) fn block(&mut self, block: &Value, wants_content: bool) {
        self.growing = None;
        if !wants_content {
            return;
        }
        for part in anthropic::parts(block.clone()) {
            self.keep(part);
        }
    }

    fn keep(&mut self, part: Part) {
        self.weight = self.weight.saturating_add(part.weight());
        if self.weight <= Self::MAX_WEIGHT {
            self.parts.push(part);
        } else if !self
            .record
            .common
            .diagnostics
            .contains(&Diagnostic::BodyTooLong)
        {
            self.record.common.diagnostics.push(Diagnostic::BodyTooLong);
        }
    }

    /// Notes that the answer comes in pieces from now on.
    pub(crate) fn stream(&mut self, wait: Option<std::time::Duration>, now: Moment) {
        if self.stream != Stream::None {
            return;
        }
        self.stream = Stream::Open;
        self.record.request.stream = true;
        match wait {
            Some(wait) => self.record.timing.chunk(self.open.started().plus(wait)),
            None => self.chunk(now),
        }
    }

    /// Takes a piece of the answer, as its provider sends it.
    pub(crate) fn piece(&mut self, event: &Value, now: Moment, wants_content: bool) {
        if self.stream != Stream::Open {
            return;
        }
        self.ended = self.ended.max(now);
        self.chunk(now);
        match event.text("type").unwrap_or_default() {
            "content_block_delta" if wants_content => {
                if let Some(delta) = event.member("delta") {
                    self.grow(delta);
                }
            }
            "content_block_start" => self.growing = None,
            "message_delta" => {
                if let Some(delta) = event.member("delta") {
                    self.stop(delta);
                }
                if let Some(usage) = event.member("usage") {
                    self.usage(usage, true);
                }
            }
            "message_stop" => self.stream = Stream::Stopped,
            _ => {}
        }
    }

    fn grow(&mut self, delta: &Value) {
        let (is_reasoning, piece) = match delta.text("type") {
            Some("text_delta") => (false, delta.text("text")),
            Some("thinking_delta") => (true, delta.text("thinking")),
            _ => return,
        };
        let growing = self.growing.get_or_insert_with(|| Growing {
            is_reasoning,
            text: BoundedText::new(),
        });
        growing.text.push_str(piece.unwrap_or_default());
    }

    /// Times between pieces are recorded where they were measured.
    fn chunk(&mut self, now: Moment) {
        if !now.is_derived {
            self.record.timing.chunk(now.at);
        }
    }

    /// Notes an error that the provider reported within its answer.
    pub(crate) fn fail(&mut self, failure: genspan::Failure, now: Moment) {
        self.ended = self.ended.max(now);
        self.failure.get_or_insert(failure);
    }

    /// Takes all that was seen of it from closer by.
    pub(crate) fn know(&mut self, exact: ExactCall) {
        self.exact = Some(exact);
    }

    /// Ends the call, whose answer is complete unless it was being told in pieces: then it ends as `cut` says.
    ///
    /// Gives its tokens, and whether those of the output are among them.
    pub(crate) fn end(mut self, cut: &Outcome, book: &mut Book) -> (Usage, bool) {
        let outcome = match self.failure.take() {
            Some(failure) => Outcome::Failed(failure),
            None if self.stream == Stream::Open
                && self.record.response.finish_reasons.is_empty() =>
            {
                cut.clone()
            }
            None => Outcome::Completed,
        };
        self.set_usage();
        self.set_output(&outcome);
        mark(
            &mut self.record.common,
            self.is_start_derived,
            self.ended.is_derived,
        );
        let exact = match (&mut book.exact, self.id.as_deref()) {
            (Some(exact), Some(id)) => exact.take(id),
            _ => self.exact.take(),
        };
        let (record, outcome, ended) = match exact {
            Some(exact) => (
                joined(exact.record, self.record),
                exact.outcome,
                exact.ended,
            ),
            None => (self.record, outcome, self.ended.at),
        };
        let usage = record.usage;
        self.open.close_at(record.into(), outcome, ended);
        (usage, usage.output().is_some())
    }

    /// The snapshot of an answer's beginning counts an output that has only begun; it is left out.
    fn set_usage(&mut self) {
        let (mut usage, diagnostics) = self.tokens.usage();
        if !self.is_counted {
            let mut counts = usage.counts();
            (counts.output, counts.reasoning) = (None, None);
            (usage, _) = Usage::inclusive(counts);
        }
        self.record.set_usage((usage, diagnostics));
    }

    fn set_output(&mut self, outcome: &Outcome) {
        let mut parts = std::mem::take(&mut self.parts);
        if let Some(Growing { is_reasoning, text }) = self.growing.take()
            && !text.is_empty()
        {
            let text = text.into_string();
            parts.push(if is_reasoning {
                Part::Reasoning(text)
            } else {
                Part::Text(text)
            });
        }
        if parts.is_empty() {
            return;
        }
        let mut message = Message::new(Role::Assistant, parts);
        message.finish_reason = match self.record.response.finish_reasons.first() {
            Some(reason) => Some(FinishReason::from_provider(reason)),
            None => (*outcome != Outcome::Completed).then_some(FinishReason::Error),
        };
        self.record.content.output = vec![message];
    }
}

/// Makes one record of what was seen from closer by and what the messages tell of the same call.
fn joined(mut exact: Inference, told: Inference) -> Inference {
    let common = told.common;
    exact.common.conversation_id = common.conversation_id.or(exact.common.conversation_id);
    if exact.common.events.is_empty() {
        exact.common.events = common.events;
    }
    exact.attempts = exact.attempts.max(told.attempts);
    if exact.content.input.is_empty() {
        exact.content.input = told.content.input;
    }
    if exact.content.output.is_empty() {
        exact.content.output = told.content.output;
    }
    if exact.usage == Usage::default() {
        exact.usage = told.usage;
    }
    exact
}
