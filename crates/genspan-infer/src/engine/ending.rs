//! When conversations end, and how memory stays bounded.

use std::time::Duration;

use genspan::Timestamp;

use super::{
    Engine,
    node::{Models, Node, Number, Stage},
};
use crate::{Act, AgentEnd};

/// How long it is until it is looked again whether calls that are waited for are over.
const AGAIN: Duration = Duration::from_secs(1);

impl Engine {
    /// Tells what time it is; says what is to be recorded since nothing came.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Act> {
        self.latest = self.latest.max(now);
        while let Some(&(due, number)) = self.schedule.first()
            && due <= now
        {
            self.schedule.pop_first();
            let Some(node) = self.nodes.get(&number) else {
                continue;
            };
            if self.is_awaited(node, now) {
                let again = now.plus(AGAIN);
                self.reschedule(number, again);
            } else if let Stage::Held = node.stage {
                if node.tools.is_waiting() && node.has_tools {
                    // The tool takes its time.
                    self.make(number);
                    self.update(number);
                } else {
                    self.release(number, None);
                }
            } else {
                self.finish(number);
            }
        }
        std::mem::take(&mut self.acts)
    }

    /// Tells when something is to be done though nothing comes, `None` where nothing is.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.schedule.first().map(|(due, _)| *due)
    }

    /// Tells whether a call is under way that may be the conversation's.
    fn is_awaited(&self, node: &Node, now: Timestamp) -> bool {
        let (from, to) = match node.stage {
            Stage::Alone => return false,
            Stage::Held if now >= node.answered.plus(self.limits.longest_hold) => return false,
            Stage::Held => (node.last, node.deadline(&self.limits)),
            Stage::Made => (node.started, node.deadline(&self.limits)),
        };
        let range = (node.client, from, u64::MIN)..=(node.client, to, u64::MAX);
        from <= to && self.under_way.range(range).next().is_some()
    }

    fn reschedule(&mut self, number: Number, due: Timestamp) {
        if let Some(node) = self.nodes.get_mut(&number) {
            let before = std::mem::replace(&mut node.due, due);
            self.schedule.remove(&(before, number));
            self.schedule.insert((due, number));
        }
    }

    /// Ends everything; says what is to be recorded. Calls that come later are taken as they come.
    pub fn end_all(&mut self) -> Vec<Act> {
        while let Some((number, _)) = self.nodes.first_key_value() {
            let number = *number;
            self.finish(number);
        }
        std::mem::take(&mut self.acts)
    }

    /// Forgets what goes beyond the bounds.
    pub(super) fn shrink(&mut self) {
        while self.held_calls > self.limits.held || self.held_bytes > self.limits.held_bytes {
            let Some(oldest) = self.held.first().copied() else {
                break;
            };
            self.release(oldest, None);
        }
        while self.nodes.len() > self.limits.conversations {
            let Some(&(_, number)) = self.schedule.first() else {
                break;
            };
            self.finish(number);
        }
    }

    /// Ends a conversation, those that work for it first.
    pub(super) fn finish(&mut self, number: Number) {
        let mut family = vec![number];
        let mut at = 0;
        while let Some(parent) = family.get(at) {
            if let Some(node) = self.nodes.get(parent) {
                family.extend(node.children.iter().copied());
            }
            at += 1;
        }
        for number in family.into_iter().rev() {
            self.finish_one(number);
        }
    }

    fn finish_one(&mut self, number: Number) {
        self.release(number, None);
        let Some(mut node) = self.nodes.remove(&number) else {
            return;
        };
        self.schedule.remove(&(node.due, number));
        self.waiting.remove(&(node.client, number));
        self.index.remove(number, &node);
        if let Some(parent) = node
            .under
            .as_ref()
            .and_then(|under| self.nodes.get_mut(&under.node))
        {
            parent.children.retain(|child| *child != number);
            parent.last = parent.last.max(node.last);
        }
        let tools = std::mem::take(&mut node.tools);
        let left: Vec<_> = tools.end(&mut self.budget).collect();
        if node.stage != Stage::Made {
            return;
        }
        let (agent, at) = (node.context.span_id, node.last);
        let end = AgentEnd {
            agent,
            at,
            name: node.name.take(),
            provider: node.provider.clone(),
            model: match std::mem::replace(&mut node.models, Models::None) {
                Models::One(model) => Some(model),
                Models::None | Models::Several => None,
            },
            conversation_id: node.conversation_id.take(),
        };
        for call in left {
            self.ran_unknown(&mut node, call);
        }
        self.acts.push(Act::End(Box::new(end)));
    }

    /// Counts the conversations that are remembered, and the points of them by which they are found.
    #[must_use]
    pub fn remembered(&self) -> (usize, usize) {
        (self.nodes.len(), self.index.len())
    }
}
