//! What calls cost together.

use std::{collections::BTreeMap, fmt};

use genspan::{ErrorType, Money};

use crate::{spans::SpanFacts, tree::figures};

/// Sums up what calls to models cost, and counts those that the sum lacks.
///
/// Agents are left out: their cost is that of their calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// The calls to models.
    pub calls: u64,
    /// Those whose cost is not known; what a provider turned away costs nothing.
    pub unpriced: u64,
    /// What the others cost, by currency.
    sums: BTreeMap<String, Money>,
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

    /// Takes a span in, if it is a call to a model.
    pub fn add(&mut self, span: &SpanFacts) {
        if !span.is_model_call {
            return;
        }
        self.calls += 1;
        match &span.cost {
            Some(cost) => {
                let sum = self.sums.entry(cost.currency.clone()).or_default();
                *sum = sum.plus(cost.amount);
            }
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
    /// Writes such as `$0.0012, 1 unpriced`; nothing where there is nothing to say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = self.sums.iter();
        let mut told: Vec<_> = sums
            .map(|(currency, sum)| figures::money(*sum, currency))
            .collect();
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
}
