//! The one kind of span that agent-sdk's functions hand round.

use std::{borrow::Cow, error::Error, fmt, time::SystemTime};

use genspan::{
    Active, AgentInvocation, Common, ErrorType, Failure, Inference, Link, Operation, Outcome,
    RunEnd, RunOutcome, Scope, Server, SpanContext, SpanEvent, Telemetry, Timestamp, ToolExecution,
    Value,
};
use opentelemetry::{Array, KeyValue, trace};

use super::{live_roots, metrics::parts, step::StepUnderWay, subagent, words};
use crate::context::{from_otel, to_otel};

/// Holds a chat, a run of a tool or an agent, or a part of a run until it ends, which it does once.
///
/// It stands where agent-sdk has `opentelemetry::global::BoxedSpan`, and takes attributes, events and links as
/// one does ([`trace::Span`]). Dropped before its end it ends as cancelled; a run is counted as such.
/// Its name is the conventions' and cannot be changed.
#[must_use = "dropping it at once records a cancelled operation"]
pub struct BoxedSpan {
    under_way: Option<UnderWay>,
    telemetry: Telemetry,
    context: trace::SpanContext,
    began: Timestamp,
    /// The status that was set by hand.
    status: Option<String>,
    /// Whether it is a run that could not be stashed: left to itself it is none.
    pub(super) is_spare: bool,
}

/// Tells what is under way.
pub(super) enum UnderWay {
    Chat(Active<Inference>),
    Tool(Active<ToolExecution>),
    Root(Active<AgentInvocation>),
    Subagent(Active<AgentInvocation>),
    Step(StepUnderWay),
}

impl UnderWay {
    fn context(&self) -> &SpanContext {
        match self {
            Self::Chat(chat) => chat.context(),
            Self::Tool(tool) => tool.context(),
            Self::Root(run) | Self::Subagent(run) => run.context(),
            Self::Step(step) => step.active.context(),
        }
    }

    fn common(&mut self) -> &mut Common {
        match self {
            Self::Chat(chat) => &mut chat.common,
            Self::Tool(tool) => &mut tool.common,
            Self::Root(run) | Self::Subagent(run) => &mut run.common,
            Self::Step(step) => &mut step.active.common,
        }
    }

    fn scope(&self) -> Scope {
        match self {
            Self::Chat(chat) => chat.scope(),
            Self::Tool(tool) => tool.scope(),
            Self::Root(run) | Self::Subagent(run) => run.scope(),
            Self::Step(step) => step.active.scope(),
        }
    }

    fn is_recording(&self) -> bool {
        match self {
            Self::Chat(chat) => chat.is_recording(),
            Self::Tool(tool) => tool.is_recording(),
            Self::Root(run) | Self::Subagent(run) => run.is_recording(),
            Self::Step(step) => step.active.is_recording(),
        }
    }
}

impl BoxedSpan {
    pub(super) fn new<R: Operation>(
        active: Active<R>,
        as_under_way: impl FnOnce(Active<R>) -> UnderWay,
    ) -> Self {
        Self {
            telemetry: active.telemetry().clone(),
            context: to_otel(active.context(), false),
            began: active.started(),
            under_way: Some(as_under_way(active)),
            status: None,
            is_spare: false,
        }
    }

    /// Gives the scope in which what the span is about runs: its chats and tools, or a client's own spans.
    ///
    /// After the span's end it is the scope that is current.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match &self.under_way {
            Some(under_way) => under_way.scope(),
            None => self.telemetry.scope(),
        }
    }

    /// Gives where the span stands.
    #[must_use]
    pub fn context(&self) -> SpanContext {
        match &self.under_way {
            Some(under_way) => under_way.context().clone(),
            None => from_otel(&self.context),
        }
    }

    /// Notes that a chunk of a chat's streamed answer came: time to the first and times between follow from it.
    pub fn note_chunk(&mut self) {
        let now = self.telemetry.now();
        if let Some(UnderWay::Chat(chat)) = &mut self.under_way {
            chat.timing.chunk(now);
        }
    }

    /// Notes that an attempt of a chat failed and another follows; the chat is one span all the same.
    pub fn note_failed_attempt(&mut self, error_type: &ErrorType, status: Option<u16>) {
        let now = self.telemetry.now();
        if let Some(UnderWay::Chat(chat)) = &mut self.under_way {
            let event = SpanEvent::attempt(chat.attempts, status, error_type, now);
            chat.common.events.push(event);
            chat.attempts = chat.attempts.saturating_add(1);
            parts::of(&self.telemetry).retry(&chat.provider, error_type.as_str());
        }
    }

    /// Says that this chat replays another; attempts are numbered from 1.
    pub fn replays(&mut self, original: &SpanContext, attempt_index: u32) {
        let attributes = vec![
            (
                words::REPLAYED_TRACE.to_owned(),
                original.trace_id.to_string().into(),
            ),
            (
                words::REPLAYED_SPAN.to_owned(),
                original.span_id.to_string().into(),
            ),
            (
                words::REPLAY_INDEX.to_owned(),
                Value::Int(attempt_index.into()),
            ),
        ];
        self.link(original.clone(), attributes);
    }

    /// Says which chat asked for this tool; the two stand side by side under the run.
    pub fn asked_for_by(&mut self, chat: &SpanContext) {
        self.link(chat.clone(), Vec::new());
    }

    fn link(&mut self, to: SpanContext, attributes: Vec<(String, Value)>) {
        if let Some(under_way) = &mut self.under_way {
            under_way.common().links.push(Link { to, attributes });
        }
    }

    /// Names the agent of a run, which agent-sdk does not.
    pub fn set_agent_name(&mut self, name: impl Into<String>) {
        if let Some(UnderWay::Root(root)) = &mut self.under_way {
            root.name = Some(name.into());
        }
    }

    /// States where the provider of a chat answers, which agent-sdk does not.
    pub fn set_server(&mut self, server: Server) {
        if let Some(UnderWay::Chat(chat)) = &mut self.under_way {
            chat.server = Some(server);
        }
    }

    /// Adds what was asked and answered in a chat or run; it comes out as far as [`Capture`](genspan::Capture) allows.
    pub fn set_content(&mut self, content: genspan::Content) {
        match &mut self.under_way {
            Some(UnderWay::Chat(chat)) => chat.content = content,
            Some(UnderWay::Root(run) | UnderWay::Subagent(run)) => run.content = content,
            Some(UnderWay::Tool(_) | UnderWay::Step(_)) | None => {}
        }
    }

    pub(super) const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(super) const fn began(&self) -> Timestamp {
        self.began
    }

    pub(super) const fn under_way(&mut self) -> Option<&mut UnderWay> {
        self.under_way.as_mut()
    }

    /// Takes the run out, where this is one and has not ended.
    pub(super) fn take_root(&mut self) -> Option<Active<AgentInvocation>> {
        match self.under_way.take() {
            Some(UnderWay::Root(root)) => Some(root),
            other => {
                self.under_way = other;
                None
            }
        }
    }

    /// Takes the sub-agent's run out, where this is one and has not ended.
    pub(super) fn take_subagent(&mut self) -> Option<Active<AgentInvocation>> {
        match self.under_way.take() {
            Some(UnderWay::Subagent(agent)) => Some(agent),
            other => {
                self.under_way = other;
                None
            }
        }
    }

    /// Ends whatever it is; a run whose end nobody knows in agent-sdk's words gets the nearest.
    pub(super) fn end_as(&mut self, outcome: Outcome) {
        match self.under_way.take() {
            Some(UnderWay::Chat(chat)) => chat.end_as(outcome),
            Some(UnderWay::Tool(tool)) => tool.end_as(outcome),
            Some(UnderWay::Step(step)) => step.end_as(outcome),
            Some(UnderWay::Root(root)) => live_roots(&self.telemetry).end(root, run_end(outcome)),
            Some(UnderWay::Subagent(agent)) => {
                let end = run_end(outcome);
                subagent::finish(agent, end);
            }
            None => {}
        }
    }
}

/// Says in agent-sdk's words how a run ended.
fn run_end(outcome: Outcome) -> RunEnd {
    match outcome {
        Outcome::Completed => RunEnd::new(RunOutcome::Done),
        Outcome::Cancelled => RunEnd::new(RunOutcome::Cancelled),
        Outcome::Failed(failure) => RunEnd::new(RunOutcome::Error).with_failure(failure),
    }
}

impl Drop for BoxedSpan {
    fn drop(&mut self) {
        if self.is_spare
            && let Some(root) = self.take_root()
        {
            live_roots(&self.telemetry).end(root, RunEnd::new(RunOutcome::Discarded));
        }
        self.end_as(Outcome::Cancelled);
    }
}

impl trace::Span for BoxedSpan {
    /// Does nothing: an error's text is content, and the span's end is told its class.
    fn record_error(&mut self, _error: &dyn Error) {}

    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        _timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        // The recorder's clock tells the time of everything else on the span.
        let at = self.telemetry.now();
        if let Some(under_way) = &mut self.under_way {
            under_way.common().events.push(SpanEvent {
                name: name.into().into_owned(),
                at,
                attributes: attributes.into_iter().map(own).collect(),
            });
        }
    }

    fn span_context(&self) -> &trace::SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.under_way.as_ref().is_some_and(UnderWay::is_recording)
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(under_way) = &mut self.under_way {
            let (key, value) = own(attribute);
            under_way.common().set(key, value);
        }
    }

    fn set_status(&mut self, status: trace::Status) {
        match status {
            trace::Status::Error { description } => self.status = Some(description.into_owned()),
            trace::Status::Unset | trace::Status::Ok => {}
        }
    }

    fn update_name<T>(&mut self, _name: T)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn add_link(&mut self, to: trace::SpanContext, attributes: Vec<KeyValue>) {
        self.link(from_otel(&to), attributes.into_iter().map(own).collect());
    }

    fn end_with_timestamp(&mut self, _timestamp: SystemTime) {
        let outcome = match self.status.take() {
            Some(text) => Outcome::Failed(Failure::new(ErrorType::Unknown).with_message(text)),
            None => Outcome::Completed,
        };
        self.end_as(outcome);
    }
}

fn own(attribute: KeyValue) -> (String, Value) {
    fn list<T>(items: Vec<T>, as_value: impl Fn(T) -> Value) -> Value {
        Value::Array(items.into_iter().map(as_value).collect())
    }
    let value = match attribute.value {
        opentelemetry::Value::Bool(value) => Value::Bool(value),
        opentelemetry::Value::I64(value) => Value::Int(value),
        opentelemetry::Value::F64(value) => Value::Double(value),
        opentelemetry::Value::Array(Array::Bool(items)) => list(items, Value::Bool),
        opentelemetry::Value::Array(Array::I64(items)) => list(items, Value::Int),
        opentelemetry::Value::Array(Array::F64(items)) => list(items, Value::Double),
        opentelemetry::Value::Array(Array::String(items)) => {
            list(items, |text| Value::String(text.into()))
        }
        other => Value::String(other.as_str().into_owned()),
    };
    (attribute.key.to_string(), value)
}

impl fmt::Debug for BoxedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxedSpan")
            .field("context", &self.context)
            .field("has_ended", &self.under_way.is_none())
            .finish_non_exhaustive()
    }
}
