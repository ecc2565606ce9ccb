//! The order in which spans are read: each before what stands within it.

use std::collections::HashMap;

use genspan_store::read::SpanRow;

/// Holds a span and how deep it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed<'t> {
    pub(crate) row: &'t SpanRow,
    pub(crate) depth: usize,
}

/// Puts spans, which are ordered by start, into the order of a tree; each stands once, whatever the ids say.
pub(super) fn placed(spans: &[SpanRow]) -> Vec<Placed<'_>> {
    let known: HashMap<&str, usize> = spans
        .iter()
        .enumerate()
        .map(|(at, span)| (span.span_id.as_str(), at))
        .collect();
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut open = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let parent = span.parent_id.as_deref().and_then(|id| known.get(id));
        match parent {
            Some(parent) if *parent != at => children.entry(*parent).or_default().push(at),
            _ => open.push((at, 0)),
        }
    }
    open.reverse();
    let mut is_placed = vec![false; spans.len()];
    let mut placed = Vec::with_capacity(spans.len());
    // Those that name each other as parents are in nobody's tree, and begin one of their own.
    let mut rest = 0..spans.len();
    loop {
        let next = open
            .pop()
            .or_else(|| Some((rest.find(|at| is_placed.get(*at) == Some(&false))?, 0)));
        let Some((at, depth)) = next else {
            return placed;
        };
        let (Some(row), Some(is_placed)) = (spans.get(at), is_placed.get_mut(at)) else {
            continue;
        };
        if std::mem::replace(is_placed, true) {
            continue;
        }
        placed.push(Placed { row, depth });
        let within = children.remove(&at).unwrap_or_default();
        open.extend(within.into_iter().rev().map(|child| (child, depth + 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_span_stands_once_below_its_parent() {
        let span = |id: &str, parent: &str| SpanRow {
            span_id: id.to_owned(),
            parent_id: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
            ..SpanRow::default()
        };
        let spans = [
            span("a", ""),
            span("b", "a"),
            span("c", "gone"),
            span("d", "b"),
            span("e", "a"),
            span("x", "y"),
            span("y", "x"),
            span("z", "z"),
        ];
        let placed: Vec<_> = placed(&spans)
            .iter()
            .map(|placed| format!("{}{}", placed.row.span_id, placed.depth))
            .collect();
        assert_eq!(placed, ["a0", "b1", "d2", "e1", "c0", "z0", "x0", "y1"]);
    }
}
