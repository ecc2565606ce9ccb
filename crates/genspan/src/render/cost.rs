//! What an operation costs, as attributes.

use super::attributes::Attributes;
use crate::{Cost, Money, semconv::attribute as key};

/// Writes what an operation costs, where that is known; what is unpriced states nothing.
pub(super) fn write(cost: Option<&Cost>, attributes: &mut Attributes<'_>) {
    let Some(cost) = cost else { return };
    let parts = &cost.parts;
    for (key, amount) in [
        (key::GENSPAN_COST_TOTAL, Some(cost.amount)),
        (key::GENSPAN_COST_INPUT, parts.input),
        (key::GENSPAN_COST_CACHE_READ, parts.cache_read),
        (key::GENSPAN_COST_CACHE_WRITE, parts.cache_write),
        (key::GENSPAN_COST_OUTPUT, parts.output),
        (key::GENSPAN_COST_REASONING, parts.reasoning),
    ] {
        attributes.double_if(key, amount.map(Money::as_f64));
    }
    attributes.text(key::GENSPAN_COST_CURRENCY, &cost.currency);
    attributes.text(key::GENSPAN_COST_SOURCE, cost.source.as_str());
}
