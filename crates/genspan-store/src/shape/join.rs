//! What several sources told of the same operation.

use std::collections::HashMap;

use super::{Tree, set};
use crate::{prepare::facts::Kind, rows::Record};

/// Marks spans that tell of the same operation as one that leads.
///
/// The same are: a call to a model, and the only call within it; calls with the same id of the answer, and executions of tools
/// with the same id of the call, where their times overlap.
pub(super) fn join(spans: &mut [Record], tree: &Tree) {
    let mut groups = Groups((0..spans.len()).collect());
    nested(spans, tree, &mut groups);
    told_twice(spans, &mut groups);
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..spans.len() {
        members.entry(groups.of(at)).or_default().push(at);
    }
    for span in spans.iter_mut() {
        span.lead = None;
    }
    for group in members.into_values().filter(|group| group.len() > 1) {
        let Some(lead) = lead(&group, spans, tree) else {
            continue;
        };
        let row = spans.get(lead).map(|span| span.row);
        for at in group.into_iter().filter(|at| *at != lead) {
            if let Some(span) = spans.get_mut(at) {
                span.lead = row;
            }
        }
    }
}

/// Joins calls to the only call of the same kind within them.
fn nested(spans: &[Record], tree: &Tree, groups: &mut Groups) {
    let mut within: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        if span.facts.kind.is_call()
            && let Some(outer) = call_around(spans, tree, at)
        {
            within.entry(outer).or_default().push(at);
        }
    }
    for (outer, inner) in within {
        let kind = |at: usize| spans.get(at).map(|span| span.facts.kind);
        if let [only] = inner.as_slice()
            && kind(*only) == kind(outer)
        {
            groups.join(outer, *only);
        }
    }
}

/// Finds the call that a span stands within, with no agent, tool or other operation between.
pub(super) fn call_around(spans: &[Record], tree: &Tree, at: usize) -> Option<usize> {
    let mut around = tree
        .ancestors(at)
        .filter_map(|at| Some((at, spans.get(at)?)));
    let (at, span) = around.find(|(_, span)| span.facts.kind != Kind::Other)?;
    span.facts.kind.is_call().then_some(at)
}

/// Joins what has the same id of a provider, and overlaps.
fn told_twice(spans: &[Record], groups: &mut Groups) {
    let mut known: HashMap<(bool, &str), Vec<usize>> = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        let Some(id) = provider_id(span) else {
            continue;
        };
        let same = known
            .entry((span.facts.kind == Kind::Tool, id))
            .or_default();
        let twin = same
            .iter()
            .find(|other| spans.get(**other).is_some_and(|other| overlap(span, other)));
        if let Some(twin) = twin {
            groups.join(*twin, at);
        }
        same.push(at);
    }
}

/// Gives the id under which a provider, or the model, knows an operation.
pub(crate) fn provider_id(span: &Record) -> Option<&str> {
    match span.facts.kind {
        Kind::Chat | Kind::Embeddings => span.facts.response_id.as_deref(),
        Kind::Tool => span.facts.tool_call_id.as_deref(),
        _ => None,
    }
}

fn overlap(one: &Record, other: &Record) -> bool {
    one.facts.started <= other.facts.ended && other.facts.started <= one.facts.ended
}

/// Chooses who leads: the outermost, else who tells most.
fn lead(group: &[usize], spans: &[Record], tree: &Tree) -> Option<usize> {
    let is_within = |at: usize| tree.ancestors(at).any(|above| group.contains(&above));
    group.iter().copied().max_by_key(|at| {
        let facts = spans.get(*at).map(|span| &span.facts);
        let told = facts.map(|facts| {
            let id = std::cmp::Reverse(facts.span_id);
            (facts.input.is_some(), facts.weight, id)
        });
        (!is_within(*at), told)
    })
}

/// Holds which places belong together: each names another of its group, or itself.
struct Groups(Vec<usize>);

impl Groups {
    fn of(&self, mut at: usize) -> usize {
        while let Some(&next) = self.0.get(at)
            && next != at
        {
            at = next;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        set(&mut self.0, one.max(other), one.min(other));
    }
}
