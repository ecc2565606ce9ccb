//! What is remembered of one conversation, or one agent.

use std::{borrow::Cow, collections::VecDeque};

use genspan::{Inference, Provider, SpanContext, SpanId, Timestamp};

use super::{
    Call,
    tools::{Resolved, Tools},
};
use crate::{Limits, Session, print};

/// Numbers conversations, in the order in which they were met.
pub(super) type Number = u64;

/// Remembers an agent, or a call that may be the first of one.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) client: u64,
    /// Where the agent's span stands, if there is to be one.
    pub(super) context: SpanContext,
    /// What its latest call asked, with its instructions.
    pub(super) asked: (u64, u64),
    /// What it works for.
    pub(super) under: Option<Under>,
    /// The agent that it may turn out to work for.
    pub(super) perhaps_under: Option<Number>,
    pub(super) children: Vec<Number>,
    pub(super) stage: Stage,
    /// The first call's span.
    pub(super) first: SpanId,
    pub(super) started: Timestamp,
    /// When its first call ended.
    pub(super) answered: Timestamp,
    /// Whether it has several tools; one alone often is but a way to get an answer in a shape.
    pub(super) has_tools: bool,
    /// When the last of it ended so far.
    pub(super) last: Timestamp,
    pub(super) provider: Provider,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) models: Models,
    pub(super) conversation_id: Option<String>,
    pub(super) calls: usize,
    pub(super) keys: VecDeque<u64>,
    /// What waits to be recorded.
    pub(super) held: Vec<Held>,
    /// When something is to be done about it.
    pub(super) due: Timestamp,
    pub(super) tools: Tools,
}

/// Holds something that waits until it is known where it belongs.
#[derive(Debug)]
pub(super) enum Held {
    /// A call: its span and what it weighs.
    Call(SpanId, usize),
    /// A tool that has run.
    Tool(Box<Resolved>),
}

/// Names what an agent works for.
#[derive(Clone, Debug)]
pub(super) struct Under {
    pub(super) node: Number,
    /// The tool's span, or the agent's.
    pub(super) parent: SpanContext,
    /// How whoever works for it is called there.
    pub(super) name: Option<String>,
}

/// Tells how far an agent is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// What there is waits: one call, or those of a conversation that may be another agent's.
    Held,
    /// There was one call, and it is recorded by itself.
    Alone,
    /// It has a span.
    Made,
}

/// Tells for which models an agent asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Models {
    None,
    One(String),
    Several,
}

impl Node {
    pub(super) fn new(call: &Call<'_>) -> Self {
        let mut context = call.context.clone();
        context.span_id = print::span_id(call.context, "agent", 0);
        Self {
            client: call.client,
            context,
            asked: (0, 0),
            under: None,
            perhaps_under: None,
            children: Vec::new(),
            stage: Stage::Alone,
            first: call.context.span_id,
            started: call.started,
            answered: call.ended,
            has_tools: false,
            last: call.ended,
            provider: call.record.provider.clone(),
            name: call.session.and_then(Session::main_name).map(Cow::Borrowed),
            models: Models::None,
            conversation_id: None,
            calls: 0,
            keys: VecDeque::new(),
            held: Vec::new(),
            due: Timestamp::default(),
            tools: Tools::default(),
        }
    }

    /// Gives where another span of the trace stands.
    pub(super) fn here(&self, span_id: SpanId) -> SpanContext {
        SpanContext {
            span_id,
            ..self.context.clone()
        }
    }

    /// Puts it under a tool or agent, whose trace it shares.
    pub(super) fn put_under(&mut self, under: Under) {
        self.context.trace_id = under.parent.trace_id;
        self.context
            .trace_state
            .clone_from(&under.parent.trace_state);
        let known = self.name.take();
        self.name = known.or_else(|| under.name.clone().map(Cow::Owned));
        self.under = Some(under);
        self.perhaps_under = None;
    }

    pub(super) fn note(&mut self, call: &Call<'_>) {
        self.calls += 1;
        self.last = self.last.max(call.ended);
        let Inference {
            request,
            common,
            content,
            ..
        } = call.record;
        self.has_tools |= content.tools.len() > 1;
        if let Some(model) = &request.model {
            self.models = match std::mem::replace(&mut self.models, Models::Several) {
                Models::None => Models::One(model.clone()),
                Models::One(known) if known == *model => Models::One(known),
                Models::One(_) | Models::Several => Models::Several,
            };
        }
        if self.conversation_id.is_none() {
            self.conversation_id.clone_from(&common.conversation_id);
        }
    }

    /// Tells when something is to be done about it if nothing comes.
    pub(super) fn deadline(&self, limits: &Limits) -> Timestamp {
        self.last.plus(match self.stage {
            Stage::Held => {
                let longest = self.answered.plus(limits.longest_hold);
                return self.last.plus(limits.hold).min(longest);
            }
            Stage::Made if self.tools.is_waiting() => limits.longest_tool.max(limits.idle),
            Stage::Alone | Stage::Made => limits.idle,
        })
    }
}
