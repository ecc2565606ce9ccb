//! What an answer says that it costs.

use genspan::Cost;

use crate::json::Json;

/// The parts of a dollar that xAI counts in.
const TICKS: f64 = 1e10;

/// Reads the price that OpenRouter states in dollars and xAI in parts of one.
pub(super) fn stated(usage: &Json<'_>) -> Option<Cost> {
    let number = |name| usage.get(name).and_then(Json::as_f64);
    let ticks = || number("cost_in_usd_ticks").map(|ticks| ticks / TICKS);
    number("cost").or_else(ticks).and_then(Cost::stated_in_usd)
}
