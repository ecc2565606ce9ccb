//! Whose cost sums take: that of the calls, or what their agent states where theirs is not known.

use super::{Tree, set, sums::is_turned_away};
use crate::{
    prepare::facts::Kind,
    rows::{Counted, Record},
};

/// Lets agents' own statements stand for calls without a known cost, the outermost agent first.
///
/// Where the cost of all calls within is known, their sum counts, whatever the agent says. Where that of some is not, the
/// agent's counts instead if it is more than the sum of the others: less, or as much, cannot include what is missing. What
/// calls of another conversation than the agent's cost still counts there, where what the agent states does not.
pub(super) fn choose(spans: &mut [Record], tree: &Tree) {
    let within = within(spans, tree);
    let mut fates = vec![Fate::Open; spans.len()];
    for &at in tree.order() {
        let Some(span) = spans.get(at) else { continue };
        let above = tree.parent(at).and_then(|above| fates.get(above));
        let mut fate = above.copied().unwrap_or_default();
        let mut counted = span.counted;
        match fate {
            Fate::Open if is_agent(span) && span.facts.cost.is_some() => {
                fate = within
                    .get(at)
                    .map_or(Fate::Open, |within| within.fate(span, at));
                if matches!(fate, Fate::Stated { .. }) && counted == Counted::Not {
                    counted = Counted::Cost;
                }
            }
            Fate::Stated { by } if counted == Counted::Whole => {
                let agent = spans.get(by);
                let is_same =
                    agent.is_some_and(|agent| agent.in_conversation == span.in_conversation);
                counted = if is_same {
                    Counted::Tokens
                } else {
                    Counted::Apart
                };
            }
            _ => {}
        }
        set(&mut fates, at, fate);
        if let Some(span) = spans.get_mut(at) {
            span.counted = counted;
        }
    }
}

const fn is_agent(span: &Record) -> bool {
    matches!(span.facts.kind, Kind::Agent | Kind::Workflow)
}

/// Says whose cost counts for what stands within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    /// Nothing is decided: agents further in may state it.
    #[default]
    Open,
    /// The cost of all calls is known.
    Summed,
    /// An agent around states it, which stands at this place.
    Stated { by: usize },
}

/// Sums up what is counted within a span.
#[derive(Clone, Debug, Default)]
struct Within {
    cost: i64,
    currency: Option<String>,
    has_several_currencies: bool,
    is_lacking: bool,
    has_counted: bool,
}

impl Within {
    fn add(&mut self, other: &Self) {
        self.cost = self.cost.saturating_add(other.cost);
        self.is_lacking |= other.is_lacking;
        self.has_counted |= other.has_counted;
        self.has_several_currencies |= other.has_several_currencies;
        if let Some(currency) = &other.currency {
            let own = self.currency.get_or_insert_with(|| currency.clone());
            self.has_several_currencies |= own != currency;
        }
    }

    /// Decides for an agent that states its cost.
    fn fate(&self, agent: &Record, at: usize) -> Fate {
        let stated = agent.facts.cost.unwrap_or_default();
        if agent.counted != Counted::Not {
            return Fate::Stated { by: at };
        }
        if self.has_counted && !self.is_lacking {
            return Fate::Summed;
        }
        let is_comparable = !self.has_several_currencies
            && (self.currency.is_none() || self.currency == agent.facts.currency);
        if is_comparable && stated > self.cost {
            Fate::Stated { by: at }
        } else {
            Fate::Open
        }
    }
}

/// Sums up for each span what is counted within it, itself left out.
fn within(spans: &[Record], tree: &Tree) -> Vec<Within> {
    let mut sums = vec![Within::default(); spans.len()];
    for &at in tree.order().iter().rev() {
        let (Some(span), Some(mut sum)) = (spans.get(at), sums.get(at).cloned()) else {
            continue;
        };
        let Some(parent) = tree.parent(at) else {
            continue;
        };
        let facts = &span.facts;
        if span.counted != Counted::Not && facts.kind != Kind::Tool {
            sum.add(&Within {
                cost: facts.cost.unwrap_or_default(),
                currency: facts.currency.clone().filter(|_| facts.cost.is_some()),
                is_lacking: facts.cost.is_none() && !is_turned_away(facts),
                has_counted: true,
                ..Within::default()
            });
        }
        if let Some(above) = sums.get_mut(parent) {
            above.add(&sum);
        }
    }
    sums
}
