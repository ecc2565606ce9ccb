//! What an operation costs.

use std::borrow::Cow;

use crate::Money;

/// Holds what an operation costs, as its provider states it or as a price table says.
///
/// An operation whose price is unknown has none; that is not the same as one that costs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The amount, in units of the currency.
    pub amount: Money,
    /// The currency by its code of three letters (ISO 4217), such as `USD`.
    pub currency: Cow<'static, str>,
    /// Who says so.
    pub source: CostSource,
    /// What the amount is made of, as far as the source tells.
    pub parts: CostParts,
}

/// Holds what a cost is made of, as tokens are counted: the input includes what met a cache, the output includes reasoning.
///
/// Input and output together may be less than the whole, where something is paid by the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostParts {
    /// What the input costs, cached tokens included.
    pub input: Option<Money>,
    /// What the input that was read from a cache costs.
    pub cache_read: Option<Money>,
    /// What the input that was written to a cache costs.
    pub cache_write: Option<Money>,
    /// What the output costs, reasoning included.
    pub output: Option<Money>,
    /// What reasoning costs.
    pub reasoning: Option<Money>,
}

/// Names who says what an operation costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CostSource {
    /// The provider, in its answer.
    Provider,
    /// A price table, by its name and date.
    PriceTable(Cow<'static, str>),
    /// The sum over an agent's own calls, which say it themselves.
    Calls,
}

impl CostSource {
    /// Gives the word that stands in telemetry.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Provider => "provider",
            Self::PriceTable(name) => name,
            Self::Calls => "calls",
        }
    }
}

impl Cost {
    /// Takes an amount in US dollars that the provider states.
    ///
    /// Amounts that are negative or no numbers are none.
    #[must_use]
    pub fn stated_in_usd(amount: f64) -> Option<Self> {
        Some(Self {
            amount: Money::from_f64(amount)?,
            currency: Cow::Borrowed("USD"),
            source: CostSource::Provider,
            parts: CostParts::default(),
        })
    }

    /// Takes the cost of another call in, and tells whether it could: amounts in two currencies have no sum.
    pub(crate) fn add(&mut self, other: &Self) -> bool {
        let is_same = self.currency == other.currency;
        if is_same {
            self.amount = self.amount.plus(other.amount);
            self.parts = self.parts.plus(&other.parts);
        }
        is_same
    }
}

impl CostParts {
    /// Adds what both tell; a part that only one call tells is no part of the sum.
    fn plus(&self, other: &Self) -> Self {
        let both = |own: Option<Money>, other: Option<Money>| Some(own?.plus(other?));
        Self {
            input: both(self.input, other.input),
            cache_read: both(self.cache_read, other.cache_read),
            cache_write: both(self.cache_write, other.cache_write),
            output: both(self.output, other.output),
            reasoning: both(self.reasoning, other.reasoning),
        }
    }
}
