//! Which span stands where in the tree.

use std::{collections::HashMap, time::Duration};

use crate::spans::SpanFacts;

/// Holds a span's place in the tree.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) span: &'a SpanFacts,
    /// How many spans stand above it.
    pub(crate) depth: usize,
    /// For the nearest ancestors below the root, and the span itself, whether it is its parent's last child.
    pub(super) is_last: Vec<bool>,
    /// Whether it names a parent that is not here.
    pub(super) is_orphan: bool,
    /// When it began after its parent, where it ran beside a sibling.
    pub(super) offset: Option<Duration>,
}

/// Puts the spans of one trace, which are ordered by start, into the order of a tree.
///
/// Every span stands once, whatever the ids say: one whose parent is absent is a root, and so is the first
/// of spans that name each other as parents.
pub(crate) fn places(spans: &[SpanFacts]) -> Vec<Place<'_>> {
    let mut known = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        known.entry(span.span_id.as_str()).or_insert(at);
    }
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut roots = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let parent = Some(span.parent_id.as_str())
            .filter(|id| !id.is_empty())
            .and_then(|id| known.get(id));
        match parent {
            Some(parent) if *parent != at => children.entry(*parent).or_default().push(at),
            _ => roots.push(at),
        }
    }
    let mut walk = Walk {
        spans,
        children,
        is_placed: vec![false; spans.len()],
        places: Vec::new(),
    };
    for root in roots {
        walk.from(root);
    }
    for at in 0..spans.len() {
        walk.from(at);
    }
    walk.places
}

/// Lines are drawn for this many levels; what stands deeper is drawn no further to the right.
pub(super) const LEVELS: usize = 8;

struct Walk<'a> {
    spans: &'a [SpanFacts],
    children: HashMap<usize, Vec<usize>>,
    is_placed: Vec<bool>,
    places: Vec<Place<'a>>,
}

/// Waits to be placed.
struct Ahead {
    at: usize,
    depth: usize,
    is_last: Vec<bool>,
    offset: Option<Duration>,
}

impl Walk<'_> {
    /// Places a root and all below it; without recursion, since traces may be deep.
    fn from(&mut self, root: usize) {
        let mut waiting = vec![Ahead {
            at: root,
            depth: 0,
            is_last: Vec::new(),
            offset: None,
        }];
        while let Some(Ahead {
            at,
            depth,
            is_last,
            offset,
        }) = waiting.pop()
        {
            let Some((span, is_placed)) = self.spans.get(at).zip(self.is_placed.get_mut(at)) else {
                continue;
            };
            if std::mem::replace(is_placed, true) {
                continue;
            }
            let children = self.children.remove(&at).unwrap_or_default();
            let offsets = self.offsets(span.start, &children);
            let count = children.len();
            let below =
                children
                    .into_iter()
                    .zip(offsets)
                    .enumerate()
                    .map(|(nth, (child, offset))| {
                        let hidden = (is_last.len() + 1).saturating_sub(LEVELS);
                        let path = is_last
                            .iter()
                            .skip(hidden)
                            .copied()
                            .chain([nth + 1 == count])
                            .collect();
                        Ahead {
                            at: child,
                            depth: depth + 1,
                            is_last: path,
                            offset,
                        }
                    });
            let before = waiting.len();
            waiting.extend(below);
            // The first child is to come next.
            if let Some(new) = waiting.get_mut(before..) {
                new.reverse();
            }
            let is_orphan = depth == 0 && !span.parent_id.is_empty();
            self.places.push(Place {
                span,
                depth,
                is_last,
                is_orphan,
                offset,
            });
        }
    }

    /// Gives for each child when it began after its parent, where it ran beside one of the others.
    ///
    /// Children are ordered by start, so the next one and the latest end so far tell.
    fn offsets(&self, parent_start: u64, children: &[usize]) -> Vec<Option<Duration>> {
        let spans: Vec<_> = children
            .iter()
            .filter_map(|child| self.spans.get(*child))
            .collect();
        let next_starts = spans
            .iter()
            .skip(1)
            .map(|next| Some(next.start))
            .chain([None]);
        let mut latest_end = 0;
        let offset = |(span, next_start): (&&SpanFacts, Option<u64>)| {
            let is_parallel =
                span.start < latest_end || next_start.is_some_and(|next| next < span.end);
            latest_end = span.end.max(latest_end);
            is_parallel.then(|| Duration::from_nanos(span.start.saturating_sub(parent_start)))
        };
        spans.iter().zip(next_starts).map(offset).collect()
    }
}
