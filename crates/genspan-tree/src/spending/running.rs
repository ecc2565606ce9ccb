//! Sums over spans that come one by one, in any order.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Spending;
use crate::spans::{SpanFacts, Spent};

/// Sums up spans as they come, in any order, as [`Spending::of_traces`] sums up whole traces.
///
/// Calls are added to what they stand in, so that a trace takes as much room as it has agents and tools. Where there are
/// 8,192 of these, the traces that began to come first are summed up as they stand; what comes of them later counts by itself.
#[derive(Clone, Debug, Default)]
pub struct RunningSpending {
    traces: HashMap<String, Tree>,
    /// The ids of the traces, in the order in which they came.
    order: VecDeque<String>,
    nodes: usize,
    /// What traces cost that are held no longer.
    settled: Spending,
}

/// Bounds what is held.
const MOST: usize = 8_192;

impl RunningSpending {
    /// Takes a span in.
    pub fn add(&mut self, span: &SpanFacts) {
        if !self.traces.contains_key(&span.trace_id) {
            self.order.push_back(span.trace_id.clone());
        }
        let tree = self.traces.entry(span.trace_id.clone()).or_default();
        let before = tree.nodes.len();
        tree.add(span);
        self.nodes += tree.nodes.len() - before;
        while self.nodes > MOST
            && let Some(first) = self.order.pop_front()
        {
            if let Some(tree) = self.traces.remove(&first) {
                self.nodes -= tree.nodes.len();
                self.settled.merge(&tree.total());
            }
        }
    }

    /// Gives what all spans together cost so far.
    #[must_use]
    pub fn total(&self) -> Spending {
        let mut total = self.settled.clone();
        for tree in self.traces.values() {
            total.merge(&tree.total());
        }
        total
    }
}

/// Holds what is known of a trace, by the ids of spans.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    nodes: HashMap<String, Node>,
}

/// Holds what is known of a span that others stand in, or that may state a cost.
#[derive(Clone, Debug, Default)]
struct Node {
    /// `None` until the span itself came.
    parent: Option<String>,
    /// The calls to models that it is itself, or that stand right in it.
    calls: Spending,
    stated: Option<Spent>,
}

/// Sums up a span with all that stands in it.
#[derive(Debug, Default)]
struct Sums {
    /// Its calls alone.
    calls: Spending,
    /// With agents' statements for calls without a known cost.
    all: Spending,
}

impl Tree {
    /// Takes a span in, whether what stands in it came before or not.
    pub(super) fn add(&mut self, span: &SpanFacts) {
        let is_known = self.nodes.contains_key(&span.span_id);
        if span.is_model_call && !is_known || span.span_id.is_empty() {
            // Nothing stands in it, as far as anybody said.
            let around = self.nodes.entry(span.parent_id.clone()).or_default();
            around.calls.add(span);
            return;
        }
        let node = self.nodes.entry(span.span_id.clone()).or_default();
        node.parent = Some(span.parent_id.clone());
        if span.is_model_call {
            node.calls.add(span);
        } else {
            node.stated.clone_from(&span.cost);
        }
        // A call that comes later is to know that something stands in it.
        self.nodes.entry(span.parent_id.clone()).or_default();
    }

    /// Sums the trace up, the outermost agents' statements before those further in.
    pub(super) fn total(&self) -> Spending {
        let order = self.order();
        let mut sums: HashMap<&str, Sums> = HashMap::new();
        let mut total = Spending::default();
        // From the innermost out.
        for (id, above) in order.into_iter().rev() {
            let Some(node) = self.nodes.get(id) else {
                continue;
            };
            let own = node.close(sums.remove(id).unwrap_or_default());
            match above {
                Some(above) => {
                    let sums = sums.entry(above).or_default();
                    sums.calls.merge(&own.calls);
                    sums.all.merge(&own.all);
                }
                None => total.merge(&own.all),
            }
        }
        total
    }

    /// Lists each span once, behind the one that it stands in; those that stand in each other begin somewhere.
    fn order(&self) -> Vec<(&str, Option<&str>)> {
        let mut children: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut roots = Vec::new();
        for (id, node) in &self.nodes {
            let above = node.parent.as_deref();
            match above.and_then(|above| self.nodes.get_key_value(above)) {
                Some((above, _)) => children.entry(above).or_default().push(id),
                None => roots.push(id.as_str()),
            }
        }
        let mut walk = Walk {
            children,
            seen: HashSet::new(),
            order: Vec::with_capacity(self.nodes.len()),
        };
        for root in roots {
            walk.from(root);
        }
        if walk.order.len() < self.nodes.len() {
            let mut left: Vec<&str> = self.nodes.keys().map(String::as_str).collect();
            left.sort_unstable();
            for root in left {
                walk.from(root);
            }
        }
        walk.order
    }
}

struct Walk<'t> {
    children: HashMap<&'t str, Vec<&'t str>>,
    seen: HashSet<&'t str>,
    order: Vec<(&'t str, Option<&'t str>)>,
}

impl<'t> Walk<'t> {
    /// Lists a span and all that stands in it; without recursion, since traces may be deep.
    fn from(&mut self, root: &'t str) {
        let mut waiting = vec![(root, None)];
        while let Some((id, above)) = waiting.pop() {
            if self.seen.insert(id) {
                self.order.push((id, above));
                let below = self.children.get(id).into_iter().flatten();
                waiting.extend(below.map(|child| (*child, Some(id))));
            }
        }
    }
}

impl Node {
    /// Adds itself to the sums of what stands in it.
    fn close(&self, within: Sums) -> Sums {
        let Sums { mut calls, mut all } = within;
        calls.merge(&self.calls);
        match &self.stated {
            Some(stated) if calls.is_less_than(stated) => all = calls.stated_as(stated),
            _ => all.merge(&self.calls),
        }
        Sums { calls, all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, cost: Option<&str>) -> SpanFacts {
        SpanFacts {
            trace_id: "t".to_owned(),
            span_id: id.to_owned(),
            parent_id: parent.to_owned(),
            cost: cost.map(|amount| Spent {
                amount: amount.parse().unwrap(),
                currency: "USD".to_owned(),
            }),
            ..SpanFacts::default()
        }
    }

    fn call(id: &str, parent: &str, cost: Option<&str>) -> SpanFacts {
        SpanFacts {
            is_model_call: true,
            ..span(id, parent, cost)
        }
    }

    fn told(spans: &[SpanFacts]) -> String {
        let mut running = RunningSpending::default();
        for span in spans {
            running.add(span);
        }
        let total = running.total();
        format!("{} calls: {total}", total.calls)
    }

    #[test]
    fn any_order_gives_the_same() {
        let spans = [
            call("1", "agent", None),
            call("2", "sub", Some("0.002")),
            span("sub", "tool", Some("0.003")),
            span("tool", "agent", None),
            span("agent", "elsewhere", Some("0.25")),
            call("3", "", Some("0.01")),
        ];
        let want = "3 calls: $0.26 as agents state";
        for turned in 0..spans.len() {
            let mut spans = spans.clone();
            spans.rotate_left(turned);
            assert_eq!(told(&spans), want, "{turned}");
            spans.reverse();
            assert_eq!(told(&spans), want, "{turned}, from behind");
        }
        // Before the agent ended nobody knew.
        assert_eq!(told(&spans[..1]), "1 calls: 1 unpriced");
        assert_eq!(told(&spans[..2]), "2 calls: $0.0020, 1 unpriced");
    }

    #[test]
    fn spans_that_stand_in_each_other_count_once() {
        let spans = [
            span("a", "b", Some("0.5")),
            span("b", "a", None),
            span("c", "c", None),
            call("1", "b", None),
            call("2", "c", Some("0.001")),
        ];
        assert_eq!(told(&spans), "2 calls: $0.50 as agents state");
    }

    #[test]
    fn what_is_held_is_bounded_and_nothing_is_lost() {
        let mut running = RunningSpending::default();
        let traces = MOST / 2 + 1_000;
        for at in 0..traces {
            for one in [call("1", "agent", Some("0.001")), span("agent", "", None)] {
                running.add(&SpanFacts {
                    trace_id: at.to_string(),
                    ..one
                });
            }
        }
        assert!(running.nodes <= MOST && running.traces.len() < traces);
        assert_eq!(running.order.len(), running.traces.len());
        assert_eq!(running.total().calls, u64::try_from(traces).unwrap());
    }
}
