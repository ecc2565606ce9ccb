//! The tokens that an answer states; cached ones are counted apart from the input.

use genspan::Counts;

use crate::json::Json;

/// Reads a statement of tokens, in the words of Converse, of Nova or of Bedrock's own measurements.
pub(crate) fn counts(stated: &Json<'_>) -> Counts {
    let count = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| stated.get(name).and_then(Json::as_u64))
    };
    Counts {
        input: count(["inputTokens", "inputTokenCount"]),
        output: count(["outputTokens", "outputTokenCount"]),
        cache_read: count(["cacheReadInputTokens", "cacheReadInputTokenCount"]),
        cache_write: count(["cacheWriteInputTokens", "cacheWriteInputTokenCount"]),
        cache_write_long: stated.get("cacheDetails").and_then(written_for_long),
        ..Counts::default()
    }
}

/// Sums up what is cached for longer than the five minutes that are usual.
fn written_for_long(details: &Json<'_>) -> Option<u64> {
    let long = details
        .items()
        .iter()
        .filter(|detail| detail.text("ttl").is_some_and(|ttl| ttl != "5m"))
        .filter_map(|detail| detail.get("inputTokens").and_then(Json::as_u64));
    long.reduce(u64::saturating_add)
}
