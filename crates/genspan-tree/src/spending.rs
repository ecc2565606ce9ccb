//! What calls cost together.

mod running;

use std::{collections::BTreeMap, fmt};

use genspan::{ErrorType, Money};

pub use self::running::RunningSpending;
use self::running::Tree;
use crate::{
    spans::{SpanFacts, Spent, Trace},
    tree::figures,
};

/// Sums up what calls to models cost, and counts those that the sum lacks.
///
/// Agents are left out, since their cost is that of their calls; where the cost of some of those is not known, a trace's
/// outermost agent stands for all of them that states more than the others cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// The calls to models.
    pub calls: u64,
    /// Those whose cost is not known; what a provider turned away costs nothing.
    pub unpriced: u64,
    /// What the others cost, by currency.
    sums: BTreeMap<String, Money>,
    /// Whether a part of it is what agents state.
    is_stated: bool,
}

impl Spending {
    /// Sums up the calls among spans.
    pub fn of<'s>(spans: impl IntoIterator<Item = &'s SpanFacts>) -> Self {
        let mut spending = Self::default();
        for span in spans {
            spending.add(span);
        }
        spending
    }

    /// Sums up traces, agents' statements for calls without a known cost included.
    #[must_use]
    pub fn of_traces(traces: &[Trace]) -> Self {
        let mut spending = Self::default();
        for trace in traces {
            let mut tree = Tree::default();
            // What stands in others began later.
            for span in trace.spans.iter().rev() {
                tree.add(span);
            }
            spending.merge(&tree.total());
        }
        spending
    }

    /// Adds another sum.
    fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.unpriced += other.unpriced;
        self.is_stated |= other.is_stated;
        for (currency, amount) in &other.sums {
            let sum = self.sums.entry(currency.clone()).or_default();
            *sum = sum.plus(*amount);
        }
    }

    /// Gives the same calls at the cost that an agent states for all of them.
    fn stated_as(&self, stated: &Spent) -> Self {
        let mut spending = Self {
            calls: self.calls,
            is_stated: true,
            ..Self::default()
        };
        spending.spend(stated);
        spending
    }

    /// Tells whether calls lack some of their cost, and an amount may hold it.
    fn is_less_than(&self, stated: &Spent) -> bool {
        let is_lacking = self.unpriced > 0 || self.calls == 0;
        is_lacking
            && match (self.sums.get(&stated.currency), self.sums.len()) {
                (None, 0) => stated.amount > Money::ZERO,
                (Some(sum), 1) => stated.amount > *sum,
                _ => false,
            }
    }

    fn spend(&mut self, spent: &Spent) {
        let sum = self.sums.entry(spent.currency.clone()).or_default();
        *sum = sum.plus(spent.amount);
    }

    /// Takes a span in, if it is a call to a model.
    pub fn add(&mut self, span: &SpanFacts) {
        if !span.is_model_call {
            return;
        }
        self.calls += 1;
        match &span.cost {
            Some(cost) => self.spend(cost),
            None => self.unpriced += u64::from(!is_turned_away(span)),
        }
    }

    /// Tells whether any cost is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.sums.is_empty()
    }
}

/// Tells whether a provider did not begin to answer.
fn is_turned_away(span: &SpanFacts) -> bool {
    const FREE: [ErrorType; 5] = [
        ErrorType::RateLimited,
        ErrorType::InvalidRequest,
        ErrorType::Authentication,
        ErrorType::ServerError,
        ErrorType::Connectivity,
    ];
    let error = span.error.as_deref();
    error.is_some_and(|error| FREE.iter().any(|free| free.as_str() == error))
}

impl fmt::Display for Spending {
    /// Writes such as `$0.0012, 1 unpriced` or `$0.05 as agents state`; nothing where there is nothing to say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = self.sums.iter();
        let mut told: Vec<_> = sums
            .map(|(currency, sum)| figures::money(*sum, currency))
            .collect();
        if let Some(last) = told.last_mut().filter(|_| self.is_stated) {
            last.push_str(" as agents state");
        }
        if self.unpriced > 0 {
            told.push(format!("{} unpriced", self.unpriced));
        }
        f.write_str(&told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spans::Spent;

    fn call(cost: Option<(&str, &str)>, error: Option<&str>) -> SpanFacts {
        SpanFacts {
            is_model_call: true,
            cost: cost.map(|(amount, currency)| Spent {
                amount: amount.parse().unwrap(),
                currency: currency.to_owned(),
            }),
            error: error.map(str::to_owned),
            ..SpanFacts::default()
        }
    }

    #[test]
    fn a_sum_says_what_it_lacks() {
        let usd = |amount| call(Some((amount, "USD")), None);
        let agent = SpanFacts {
            is_model_call: false,
            ..usd("9")
        };
        let spans = [
            usd("0.001"),
            usd("0.0002"),
            agent,
            call(None, None),
            call(None, Some("truncated")),
            call(None, Some("rate_limited")),
            call(Some(("0.5", "EUR")), None),
        ];
        let spending = Spending::of(&spans);
        assert_eq!(spending.to_string(), "0.50 EUR, $0.0012, 2 unpriced");
        assert_eq!((spending.calls, spending.is_known()), (6, true));
        assert_eq!(Spending::of(&spans[5..6]).to_string(), "");
    }

    #[test]
    fn what_an_agent_states_stands_for_calls_without_a_price() {
        let place = |at: u64, parent: &str, span: SpanFacts| SpanFacts {
            span_id: at.to_string(),
            parent_id: parent.to_owned(),
            start: at,
            end: at + 1,
            ..span
        };
        let agent = |amount: &'static str| SpanFacts {
            is_model_call: false,
            ..call(Some((amount, "USD")), None)
        };
        let told = |stated: &'static str, calls: [SpanFacts; 2]| {
            let [first, second] = calls;
            let spans = vec![
                place(0, "", agent(stated)),
                place(1, "0", agent("0.001")),
                place(2, "1", first),
                place(3, "0", second),
            ];
            let trace = Trace {
                id: "a".to_owned(),
                spans,
            };
            let spending = Spending::of_traces(&[trace.clone(), trace]);
            format!("{} calls: {spending}", spending.calls)
        };
        let priced = || call(Some(("0.002", "USD")), None);
        let unpriced = || call(None, None);
        assert_eq!(told("0.5", [priced(), priced()]), "4 calls: $0.0080");
        assert_eq!(
            told("0.5", [unpriced(), priced()]),
            "4 calls: $1.00 as agents state"
        );
        // It cannot hold what is missing; the sub-agent says what it can.
        assert_eq!(
            told("0.002", [unpriced(), priced()]),
            "4 calls: $0.0060 as agents state"
        );
        assert_eq!(
            told("0.001", [priced(), unpriced()]),
            "4 calls: $0.0040, 2 unpriced"
        );
    }
}
