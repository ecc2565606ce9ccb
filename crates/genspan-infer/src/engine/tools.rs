//! The tool calls of one conversation, and their results.

use std::collections::{HashSet, VecDeque};

use genspan::{SpanContext, SpanId, Timestamp, Value};

use crate::{
    ToolResult, print,
    task::{FirstWords, Task},
    transcript::{CallName, Told, Wanted},
};

/// Holds the calls that wait for their results, and results that came before their calls.
#[derive(Debug, Default)]
pub(super) struct Tools {
    open: VecDeque<OpenCall>,
    early: VecDeque<Early>,
    known: Known,
}

/// Holds a call that an answer asked for.
#[derive(Debug)]
pub(super) struct OpenCall {
    name: CallName,
    id: Option<u64>,
    task: Task,
    pub(super) call_id: Option<String>,
    pub(super) tool: String,
    pub(super) arguments: Value,
    pub(super) asked_at: Timestamp,
    /// When the call to the model began, before which it has no result.
    since: Timestamp,
    /// The span of the call to the model.
    pub(super) asked_by: SpanId,
    /// The tool's span.
    pub(super) span: SpanId,
    /// The kind of sub-agent that it starts, where its arguments say so.
    sub_agent: Option<String>,
    /// Whether sub-agents stand within it, so that it must be recorded.
    pub(super) has_children: bool,
}

/// Holds a result whose call is not known yet.
#[derive(Debug)]
struct Early {
    name: Option<CallName>,
    id: Option<u64>,
    at: Timestamp,
    result: ToolResult,
    weight: usize,
}

/// Holds a call with its result.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) call: OpenCall,
    pub(super) at: Timestamp,
    pub(super) result: ToolResult,
}

/// Remembers which calls were seen, so that none is recorded twice.
#[derive(Debug, Default)]
struct Known {
    names: HashSet<u64>,
    order: VecDeque<u64>,
}

/// Bounds the content that is remembered.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) left: usize,
}

/// Bounds the bytes of a name or id that is remembered.
const MAX_NAME: usize = 1024;

impl Budget {
    /// Keeps a value where there is room for it; gives what it weighs.
    fn keep(&mut self, value: &Value, is_wanted: bool) -> (Value, usize) {
        let weight = value.weight();
        if !is_wanted || value.is_null() || weight > self.left {
            return (Value::Null, 0);
        }
        self.left -= weight;
        (value.clone(), weight)
    }

    const fn give_back(&mut self, weight: usize) {
        self.left = self.left.saturating_add(weight);
    }
}

impl Known {
    fn insert(&mut self, name: u64, limit: usize) {
        if self.names.insert(name) {
            self.order.push_back(name);
        }
        while self.order.len() > limit {
            if let Some(oldest) = self.order.pop_front() {
                self.names.remove(&oldest);
            }
        }
    }

    fn has(&self, name: u64) -> bool {
        self.names.contains(&name)
    }
}

/// Says by which call, and when, tools were asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) call: &'a SpanContext,
    pub(super) since: Timestamp,
    pub(super) at: Timestamp,
    pub(super) keeps_content: bool,
    pub(super) limit: usize,
}

impl Tools {
    pub(super) fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    /// Tells whether one was asked for by then and has no result yet.
    pub(super) fn is_running(&self, at: Timestamp) -> bool {
        self.open.iter().any(|call| call.asked_at <= at)
    }

    /// Finds the waiting call whose task somebody was given at the given moment; of equal ones a free one.
    pub(super) fn best(&self, asked: &FirstWords<'_>, at: Timestamp) -> Option<(usize, SpanId)> {
        let running = self.open.iter().filter(|call| call.asked_at <= at);
        let likely = running.filter_map(|call| {
            let likeness = call.task.likeness(asked)?;
            Some((likeness, !call.has_children, call.span))
        });
        let best = likely.reduce(|best, next| {
            if (next.0, next.1) > (best.0, best.1) {
                next
            } else {
                best
            }
        });
        best.map(|(likeness, _, span)| (likeness, span))
    }

    /// Notes that a sub-agent stands within a call; gives its kind, where the call says it.
    pub(super) fn note_child(&mut self, span: SpanId) -> Option<String> {
        let call = self.open.iter_mut().find(|call| call.span == span)?;
        call.has_children = true;
        call.sub_agent.clone()
    }

    /// Takes a call in; gives it back where its result is known already.
    pub(super) fn wanted(
        &mut self,
        nth: usize,
        wanted: &Wanted<'_>,
        asking: Asking<'_>,
        budget: &mut Budget,
    ) -> (Option<Resolved>, Option<OpenCall>) {
        let name = wanted.name;
        if self.known.has(name.place) {
            return (None, None);
        }
        self.remember(name, asking.limit);
        let (arguments, _) = budget.keep(&wanted.call.arguments, asking.keeps_content);
        let call = OpenCall {
            name,
            id: wanted.id,
            task: Task::of(&wanted.call.arguments),
            call_id: wanted.call.id.as_deref().map(cut),
            tool: cut(&wanted.call.name),
            arguments,
            asked_at: asking.at,
            since: asking.since,
            asked_by: asking.call.span_id,
            span: print::span_id(asking.call, "tool", nth),
            sub_agent: sub_agent(&wanted.call.arguments),
            has_children: false,
        };
        let early = self.early.iter().position(|early| early.is_of(&call));
        if let Some(early) = early.and_then(|at| self.early.remove(at)) {
            budget.give_back(early.weight);
            let resolved = self.resolved(call, early.at, early.result, asking.limit, budget);
            return (Some(resolved), None);
        }
        self.open.push_back(call);
        let outdone = if self.open.len() > asking.limit {
            self.open.pop_front()
        } else {
            None
        };
        if let Some(outdone) = &outdone {
            budget.give_back(outdone.arguments_weight());
        }
        (None, outdone.filter(|call| call.has_children))
    }

    fn remember(&mut self, name: CallName, limit: usize) {
        self.known.insert(name.place, limit.saturating_mul(4));
        if let Some(signature) = name.signature {
            self.known.insert(signature, limit.saturating_mul(4));
        }
    }

    fn resolved(
        &mut self,
        call: OpenCall,
        at: Timestamp,
        result: ToolResult,
        limit: usize,
        budget: &mut Budget,
    ) -> Resolved {
        budget.give_back(call.arguments_weight());
        if let Some(id) = call.id {
            self.known
                .insert(print::of(("id", id)), limit.saturating_mul(4));
        }
        Resolved { call, at, result }
    }

    /// Takes a result in; gives the call that it ends.
    pub(super) fn told(
        &mut self,
        told: &Told<'_>,
        asking: Asking<'_>,
        budget: &mut Budget,
    ) -> Option<Resolved> {
        let found = match told.call {
            Some(name) => {
                let by_place = self.find(|call| call.name.place == name.place);
                if by_place.is_none() && self.known.has(name.place) {
                    return None;
                }
                let by_signature =
                    || self.find(|call| is_same(call.name.signature, name.signature));
                let by_slot = || self.find(|call| is_same(call.name.slot, name.slot));
                let found = by_place.or_else(by_signature);
                if found.is_none() && name.signature.is_some_and(|it| self.known.has(it)) {
                    return None;
                }
                found.or_else(by_slot)
            }
            None => self.find(|call| is_same(call.id, told.id) && call.since < asking.at),
        };
        if let Some(call) = found.and_then(|at| self.open.remove(at)) {
            if let Some(name) = told.call {
                // Later requests repeat it in these words.
                self.remember(name, asking.limit);
            }
            let result = ToolResult::of(told.response.clone());
            let result = if asking.keeps_content {
                result
            } else {
                result.without_content()
            };
            return Some(self.resolved(call, asking.at, result, asking.limit, budget));
        }
        if !self.is_done(told) {
            self.keep_early(told, asking, budget);
        }
        None
    }

    fn find(&self, is_it: impl Fn(&OpenCall) -> bool) -> Option<usize> {
        self.open.iter().rposition(is_it)
    }

    /// Tells whether the result is one of a call that has ended.
    fn is_done(&self, told: &Told<'_>) -> bool {
        match told.call {
            Some(name) => name.signature.is_some_and(|it| self.known.has(it)),
            None => told
                .id
                .is_none_or(|id| self.known.has(print::of(("id", id)))),
        }
    }

    fn keep_early(&mut self, told: &Told<'_>, asking: Asking<'_>, budget: &mut Budget) {
        let place = |name: Option<CallName>| name.map(|name| name.place);
        let known = self.early.iter_mut().find(|early| {
            place(early.name) == place(told.call) && (told.call.is_some() || early.id == told.id)
        });
        if let Some(known) = known {
            known.at = known.at.min(asking.at);
            return;
        }
        let (kept, weight) = budget.keep(told.response, asking.keeps_content);
        // Whether it failed is known by the whole of it.
        let result = if kept.is_null() {
            ToolResult::of(told.response.clone()).without_content()
        } else {
            ToolResult::of(kept)
        };
        self.early.push_back(Early {
            name: told.call,
            id: told.id,
            at: asking.at,
            result,
            weight,
        });
        if self.early.len() > asking.limit
            && let Some(oldest) = self.early.pop_front()
        {
            budget.give_back(oldest.weight);
        }
    }

    /// Takes out what waits at the end; gives the calls that must be recorded all the same.
    pub(super) fn end(self, budget: &mut Budget) -> impl Iterator<Item = OpenCall> + use<> {
        for early in &self.early {
            budget.give_back(early.weight);
        }
        for call in &self.open {
            budget.give_back(call.arguments_weight());
        }
        self.open.into_iter().filter(|call| call.has_children)
    }
}

impl OpenCall {
    fn arguments_weight(&self) -> usize {
        if self.arguments.is_null() {
            0
        } else {
            self.arguments.weight()
        }
    }
}

impl Early {
    fn is_of(&self, call: &OpenCall) -> bool {
        match self.name {
            Some(name) => {
                name.place == call.name.place
                    || is_same(name.signature, call.name.signature)
                    || is_same(name.slot, call.name.slot)
            }
            // Ids come again: what the call's own question tells is of another.
            None => is_same(self.id, call.id) && call.since < self.at,
        }
    }
}

/// Tells whether two names that calls may have are there and equal.
fn is_same(one: Option<u64>, other: Option<u64>) -> bool {
    one.is_some() && one == other
}

/// Gives the kind of sub-agent that arguments ask for, as Claude Code's tools name it.
fn sub_agent(arguments: &Value) -> Option<String> {
    let kind = arguments.get("subagent_type")?.as_str()?;
    (!kind.is_empty() && kind.len() <= MAX_NAME).then(|| kind.to_owned())
}

fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_NAME);
    text.get(..end).unwrap_or_default().to_owned()
}
