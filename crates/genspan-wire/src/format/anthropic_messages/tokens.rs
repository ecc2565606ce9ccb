//! The tokens that an answer states, at its beginning and again at its end.

use genspan::{Counts, Diagnostic, Usage};

use crate::json::Json;

/// Gathers counts: each has its last stated word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tokens {
    answer: Counts,
    /// Summarising on the way is billed and stated apart.
    summaries: Counts,
}

impl Tokens {
    /// Reads one statement; what it leaves out or gives as `null` stays as stated before.
    pub(crate) fn read(&mut self, usage: &Json<'_>) {
        self.answer.update(counts(usage));
        if let Some(iterations) = usage.get("iterations") {
            let summaries = iterations
                .items()
                .iter()
                .filter(|item| item.text("type") == Some("compaction"));
            self.summaries = summaries
                .map(counts)
                .fold(Counts::default(), |sum, one| sum.combined(one, sum_of));
        }
    }

    /// Makes them comparable: Anthropic counts cached tokens apart from the input.
    pub(crate) fn usage(self) -> (Usage, Vec<Diagnostic>) {
        let Self { answer, summaries } = self;
        let with = |stated: Option<u64>, more: Option<u64>| {
            stated.map(|count| count.saturating_add(more.unwrap_or(0)))
        };
        Usage::exclusive(answer.combined(summaries, with))
    }
}

fn counts(usage: &Json<'_>) -> Counts {
    let count = |name| usage.get(name).and_then(Json::as_u64);
    let details = usage.get("output_tokens_details");
    Counts {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("cache_read_input_tokens"),
        cache_write: count("cache_creation_input_tokens"),
        cache_write_long: usage
            .get("cache_creation")
            .and_then(|writes| writes.get("ephemeral_1h_input_tokens"))
            .and_then(Json::as_u64),
        reasoning: details
            .and_then(|details| details.get("thinking_tokens"))
            .and_then(Json::as_u64),
        ..Counts::default()
    }
}

fn sum_of(sum: Option<u64>, one: Option<u64>) -> Option<u64> {
    match (sum, one) {
        (Some(sum), Some(one)) => Some(sum.saturating_add(one)),
        (sum, one) => sum.or(one),
    }
}
