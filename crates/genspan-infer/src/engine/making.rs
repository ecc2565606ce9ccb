//! Making agents and their tools.

use genspan::{SpanId, Timestamp};

use super::{
    Engine,
    node::{Held, Node, Number, Stage, Under},
    tools::{OpenCall, Resolved},
};
use crate::{Act, AgentBegin, ToolResult, ToolRun};

impl Engine {
    /// Lets a conversation be an agent's.
    pub(super) fn make(&mut self, number: Number) {
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        let stage = std::mem::replace(&mut node.stage, Stage::Made);
        if stage == Stage::Made {
            return;
        }
        node.perhaps_under = None;
        let links = if stage == Stage::Alone {
            vec![node.here(node.first)]
        } else {
            Vec::new()
        };
        self.acts.push(Act::Begin(AgentBegin {
            context: node.context.clone(),
            parent: node.under.as_ref().map(|under| under.parent.clone()),
            started: node.started,
            links,
            name: node.name.clone(),
            provider: node.provider.clone(),
        }));
        let within = Some(node.context.span_id);
        self.let_go(number, within);
    }

    /// Lets what was kept back be recorded.
    fn let_go(&mut self, number: Number, within: Option<SpanId>) {
        self.held.remove(&number);
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        for held in std::mem::take(&mut node.held) {
            match held {
                Held::Call(call, weight) => {
                    self.held_calls = self.held_calls.saturating_sub(1);
                    self.held_bytes = self.held_bytes.saturating_sub(weight);
                    self.acts.push(Act::Place { call, within });
                }
                Held::Tool(resolved) => {
                    let Resolved { call, at, result } = *resolved;
                    self.acts.push(run(node, call, at, result));
                }
            }
        }
    }

    fn put_under(&mut self, number: Number, under: Under) {
        if let Some(parent) = self.nodes.get_mut(&under.node) {
            parent.children.push(number);
        }
        if let Some(node) = self.nodes.get_mut(&number) {
            node.put_under(under);
        }
    }

    /// Records a tool that has come to its end; what was called meanwhile is the agent's.
    pub(super) fn ran(&mut self, number: Number, resolved: Resolved) {
        self.adopt(number, resolved.call.asked_at, resolved.at);
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        if node.stage == Stage::Made {
            let Resolved { call, at, result } = resolved;
            self.acts.push(run(node, call, at, result));
        } else {
            node.held.push(Held::Tool(Box::new(resolved)));
        }
    }

    /// Records a tool of which only is known that others ran in it.
    pub(super) fn ran_unknown(&mut self, node: &mut Node, call: OpenCall) {
        let last = node.last;
        self.acts.push(run(node, call, last, ToolResult::Unknown));
    }

    /// Puts what was called while a tool of an agent ran under that agent, as far as it is kept back.
    fn adopt(&mut self, number: Number, from: Timestamp, to: Timestamp) {
        let is_its = |held: &&Number| {
            self.nodes.get(held).is_some_and(|node| {
                node.perhaps_under == Some(number) && node.started >= from && node.last <= to
            })
        };
        let its: Vec<Number> = self.held.iter().filter(is_its).copied().collect();
        if its.is_empty() {
            return;
        }
        self.make(number);
        let Some(parent) = self.nodes.get(&number).map(|node| node.context.clone()) else {
            return;
        };
        for held in its {
            let under = Under {
                node: number,
                parent: parent.clone(),
                name: None,
            };
            self.put_under(held, under);
            self.release(held, Some(parent.span_id));
        }
    }

    /// Lets a conversation's only call be recorded by itself, and more of them as an agent's; it is remembered.
    pub(super) fn release(&mut self, number: Number, within: Option<SpanId>) {
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        if node.stage != Stage::Held {
            return;
        }
        let has_run = node.held.iter().any(|it| matches!(it, Held::Tool(_)));
        if node.calls > 1 || has_run {
            self.make(number);
        } else {
            node.stage = Stage::Alone;
            node.perhaps_under = None;
            self.let_go(number, within);
        }
        self.update(number);
    }
}

fn run(node: &mut Node, call: OpenCall, at: Timestamp, result: ToolResult) -> Act {
    let ended = at.max(call.asked_at);
    node.last = node.last.max(ended);
    Act::Tool(Box::new(ToolRun {
        agent: node.context.span_id,
        asked_by: node.here(call.asked_by),
        context: node.here(call.span),
        started: call.asked_at,
        ended,
        call_id: call.call_id,
        name: call.tool,
        arguments: call.arguments,
        result,
    }))
}
