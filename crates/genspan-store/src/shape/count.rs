//! What sums count, so that no token and no amount is counted twice.

use std::collections::{HashMap, HashSet};

use super::{Tree, join::call_around};
use crate::{
    prepare::facts::Kind,
    rows::{Counted, Record},
};

/// Marks the spans that sums count.
///
/// Of what several told, the one that tells most counts. A call that states its tokens counts instead of the calls within it,
/// one that does not leaves it to them. The totals of an agent count only where no call within it is known.
pub(super) fn count(spans: &mut [Record], tree: &Tree) {
    let best = best(spans);
    let stated = stated(spans);
    let mut counted = vec![false; spans.len()];
    for (at, span) in spans.iter().enumerate() {
        let kind = span.facts.kind;
        let is_best = best.get(&node(span)) == Some(&at);
        let is_told = kind.is_call() && is_told_around(spans, tree, at, &stated);
        let counts = kind.is_call() || kind == Kind::Tool;
        super::set(&mut counted, at, counts && is_best && !is_told);
    }
    leave_to_those_within(spans, tree, &stated, &mut counted);
    agents(spans, tree, &mut counted);
    for (span, is_counted) in spans.iter_mut().zip(counted) {
        span.counted = if is_counted {
            Counted::Whole
        } else {
            Counted::Not
        };
    }
}

/// Gives the row of the span that stands for the operation.
fn node(span: &Record) -> i64 {
    span.lead.unwrap_or(span.row)
}

/// Finds for each operation the span that tells most of what it used.
fn best(spans: &[Record]) -> HashMap<i64, usize> {
    let told = |span: &Record| {
        let facts = &span.facts;
        let known = [facts.input, facts.output, facts.cost];
        let known = known.iter().filter(|found| found.is_some()).count();
        let id = std::cmp::Reverse(facts.span_id);
        (known, facts.model.is_some(), span.lead.is_none(), id)
    };
    let mut best: HashMap<i64, usize> = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        let place = best.entry(node(span)).or_insert(at);
        if spans
            .get(*place)
            .is_some_and(|known| told(span) > told(known))
        {
            *place = at;
        }
    }
    best
}

/// Tells of each operation whether anyone stated its tokens.
fn stated(spans: &[Record]) -> HashMap<i64, bool> {
    let mut stated: HashMap<i64, bool> = HashMap::new();
    for span in spans {
        *stated.entry(node(span)).or_default() |= states(span);
    }
    stated
}

fn states(span: &Record) -> bool {
    span.facts.input.is_some() || span.facts.output.is_some()
}

/// Tells whether another call around this one states its tokens.
fn is_told_around(spans: &[Record], tree: &Tree, at: usize, stated: &HashMap<i64, bool>) -> bool {
    let own = spans.get(at).map(node);
    calls_around(spans, tree, at)
        .filter(|outer| Some(*outer) != own)
        .any(|outer| stated.get(&outer).copied().unwrap_or_default())
}

/// Walks the operations of the calls that a call stands within.
fn calls_around<'a>(
    spans: &'a [Record],
    tree: &'a Tree,
    at: usize,
) -> impl Iterator<Item = i64> + 'a {
    let around = std::iter::successors(call_around(spans, tree, at), move |at| {
        call_around(spans, tree, *at)
    });
    around.filter_map(|at| spans.get(at).map(node))
}

/// Takes calls out that state no tokens and hold others.
fn leave_to_those_within(
    spans: &[Record],
    tree: &Tree,
    stated: &HashMap<i64, bool>,
    counted: &mut [bool],
) {
    let mut holding: HashSet<i64> = HashSet::new();
    for (at, span) in spans.iter().enumerate() {
        if span.facts.kind.is_call() {
            let own = node(span);
            holding.extend(calls_around(spans, tree, at).filter(|outer| *outer != own));
        }
    }
    for (span, is_counted) in spans.iter().zip(counted) {
        let own = node(span);
        if holding.contains(&own) && !stated.get(&own).copied().unwrap_or_default() {
            *is_counted = false;
        }
    }
}

/// Counts the totals of agents within which no call is known, the outermost first.
fn agents(spans: &[Record], tree: &Tree, counted: &mut [bool]) {
    let mut has_calls = vec![false; spans.len()];
    for &at in tree.order().iter().rev() {
        let is_call = spans.get(at).is_some_and(|span| span.facts.kind.is_call());
        if (is_call || has_calls.get(at).copied().unwrap_or_default())
            && let Some(parent) = tree.parent(at)
        {
            super::set(&mut has_calls, parent, true);
        }
    }
    let mut is_covered = vec![false; spans.len()];
    for &at in tree.order() {
        let above = tree.parent(at);
        let covered = above.is_some_and(|at| is_covered.get(at).copied().unwrap_or_default());
        let Some(span) = spans.get(at) else { continue };
        let is_whole = span.facts.kind == Kind::Agent
            && !has_calls.get(at).copied().unwrap_or_default()
            && states(span)
            && span.lead.is_none();
        if is_whole && !covered {
            super::set(counted, at, true);
        }
        super::set(&mut is_covered, at, covered || is_whole);
    }
}
