//! Sums of tokens, which vendors state and the conventions leave to readers.

use genspan::semconv::attribute as key;

use crate::Attributes;

/// Gives the sum of what went in and what came out, where both are stated.
pub(crate) fn total(attributes: &Attributes) -> Option<i64> {
    let input = attributes.count(key::GEN_AI_USAGE_INPUT_TOKENS)?;
    let output = attributes.count(key::GEN_AI_USAGE_OUTPUT_TOKENS)?;
    Some(input.saturating_add(output))
}

/// Takes out a sum that says nothing new; one that is more than the sum stays.
pub(crate) fn drop_total(attributes: &mut Attributes, key: &str) {
    if attributes.has(key) && attributes.count(key) == total(attributes) {
        attributes.take(key);
    }
}

/// Makes the input hold what was read from and written to a cache, for those who count that apart.
pub(crate) fn include_cache(attributes: &mut Attributes) {
    let Some(fresh) = attributes.count(key::GEN_AI_USAGE_INPUT_TOKENS) else {
        return;
    };
    let cached = [
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ];
    let cached = cached.iter().filter_map(|key| attributes.count(key));
    let all = cached.fold(fresh, i64::saturating_add);
    attributes.set(key::GEN_AI_USAGE_INPUT_TOKENS, all);
}
