//! Token counts: whole numbers of which no part exceeds its whole.

use genspan::semconv::attribute;

use super::{Facts, Notes, family, is_beside};

/// The counts of which all others are parts.
const WHOLES: [&str; 2] = [
    attribute::GEN_AI_USAGE_INPUT_TOKENS,
    attribute::GEN_AI_USAGE_OUTPUT_TOKENS,
];

pub(super) fn check(notes: &mut Notes<'_>, facts: Facts<'_>) {
    for (key, _) in facts.0 {
        let Some(count) = facts.int(key).filter(|_| is_beside(key, WHOLES[0])) else {
            continue;
        };
        if count < 0 {
            notes.violation(
                "negative-usage",
                key,
                format!("the count is {count}"),
                "leave a count out where the provider gave none",
            );
        }
        let whole = WHOLES.into_iter().find(|whole| is_part(key, whole));
        if let Some((whole, total)) = whole.and_then(|whole| Some((whole, facts.int(whole)?)))
            && count > total
        {
            notes.violation(
                "usage-exceeds-whole",
                key,
                format!("the part is {count}, but {whole} is {total}"),
                "count cached tokens into the input, and reasoning tokens into the output",
            );
        }
    }
}

/// Tells whether one count is a part of the other: `x.cached.tokens` of `x.tokens`.
fn is_part(key: &str, whole: &str) -> bool {
    let last = whole.strip_prefix(family(whole)).unwrap_or_default();
    key != whole && key.ends_with(last)
}
