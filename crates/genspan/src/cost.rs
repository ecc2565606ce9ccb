//! What an operation costs.

use std::borrow::Cow;

/// Holds what an operation costs, as its provider states it or as a price table says.
///
/// An operation whose price is unknown has none; that is not the same as one that costs nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The amount, in units of the currency.
    pub amount: f64,
    /// The currency by its code of three letters (ISO 4217), such as `USD`.
    pub currency: Cow<'static, str>,
    /// Who says so.
    pub source: CostSource,
}

/// Names who says what an operation costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CostSource {
    /// The provider, in its answer.
    Provider,
    /// A price table, by its name and date.
    PriceTable(Cow<'static, str>),
}

impl Cost {
    /// Takes an amount in US dollars that the provider states.
    ///
    /// Amounts that are negative or no numbers are none.
    #[must_use]
    pub fn stated_in_usd(amount: f64) -> Option<Self> {
        (amount.is_finite() && amount >= 0.0).then_some(Self {
            amount,
            currency: Cow::Borrowed("USD"),
            source: CostSource::Provider,
        })
    }
}
