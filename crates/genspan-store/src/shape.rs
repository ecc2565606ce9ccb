//! The shape of a trace: who stands within whom, what several told of the same, and what sums count.

mod cost;
mod count;
mod join;
mod sums;

use std::collections::HashMap;

pub(crate) use sums::{Facet, Summary, is_turned_away};

use crate::rows::Record;

/// Holds who stands within whom, by places in a list of spans.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The place of the span that each stands within, where it is known.
    parents: Vec<Option<usize>>,
    /// All places, parents before their children.
    order: Vec<usize>,
}

impl Tree {
    pub(crate) fn of(spans: &[Record]) -> Self {
        let places: HashMap<[u8; 8], usize> = spans
            .iter()
            .enumerate()
            .map(|(at, span)| (span.facts.span_id, at))
            .collect();
        let mut parents: Vec<Option<usize>> = spans
            .iter()
            .map(|span| places.get(&span.facts.parent_id?).copied())
            .collect();
        let mut order = Vec::with_capacity(spans.len());
        let mut states = vec![State::New; spans.len()];
        let mut path = Vec::new();
        for start in 0..spans.len() {
            let mut at = Some(start);
            while let Some(place) = at {
                match states.get(place) {
                    Some(State::New) => {
                        set(&mut states, place, State::OnPath);
                        path.push(place);
                        at = parents.get(place).copied().flatten();
                    }
                    // A span within itself, which no honest program sends: the round is cut where it was entered.
                    Some(State::OnPath) => {
                        if let Some(parent) = path.last().and_then(|last| parents.get_mut(*last)) {
                            *parent = None;
                        }
                        at = None;
                    }
                    _ => at = None,
                }
            }
            while let Some(place) = path.pop() {
                set(&mut states, place, State::Ordered);
                order.push(place);
            }
        }
        Self { parents, order }
    }

    pub(crate) fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// Gives all places, parents before their children.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Walks from what a span stands within to the outermost.
    pub(crate) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parent(at), |at| self.parent(*at))
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    OnPath,
    Ordered,
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

/// Finds out of a whole trace's spans what belongs together and what counts, and writes it into their records.
pub(crate) fn settle(spans: &mut [Record]) -> Tree {
    let tree = Tree::of(spans);
    inherit(spans, &tree);
    join::join(spans, &tree);
    count::count(spans, &tree);
    cost::choose(spans, &tree);
    tree
}

/// Gives spans the agent and the conversation of what they stand within.
fn inherit(spans: &mut [Record], tree: &Tree) {
    for &at in tree.order() {
        let above = tree.parent(at).and_then(|parent| spans.get(parent));
        let (agent, conversation) = above
            .map(|above| (above.in_agent.clone(), above.in_conversation.clone()))
            .unwrap_or_default();
        if let Some(span) = spans.get_mut(at) {
            span.in_agent = span.facts.agent.clone().or(agent);
            span.in_conversation = span.facts.conversation.clone().or(conversation);
        }
    }
    // A trace of a single conversation is part of that as a whole.
    let mut named = spans
        .iter()
        .filter_map(|span| span.facts.conversation.as_ref());
    if let Some(only) = named.next().cloned()
        && named.all(|other| *other == only)
    {
        for span in spans {
            span.in_conversation.get_or_insert_with(|| only.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepare::facts::Facts;

    fn span(id: u8, parent: u8) -> Record {
        Record {
            row: i64::from(id),
            facts: Facts {
                span_id: [id; 8],
                parent_id: (parent != 0).then_some([parent; 8]),
                ..Facts::default()
            },
            ..Record::default()
        }
    }

    #[test]
    fn parents_come_first_whatever_the_order() {
        let spans = [span(3, 2), span(2, 1), span(4, 9), span(1, 0)];
        let tree = Tree::of(&spans);
        assert_eq!(tree.order(), [3, 1, 0, 2]);
        assert_eq!(tree.ancestors(0).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(tree.parent(2), None);
    }

    #[test]
    fn a_span_within_itself_ends_somewhere() {
        let spans = [span(1, 2), span(2, 3), span(3, 1), span(4, 4), span(5, 3)];
        let tree = Tree::of(&spans);
        assert_eq!(tree.order().len(), 5);
        for at in 0..5 {
            assert!(tree.ancestors(at).count() < 5);
        }
    }
}
