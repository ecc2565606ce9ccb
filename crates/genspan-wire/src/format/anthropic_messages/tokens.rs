//! The tokens that an answer states, at its beginning and again at its end.

use genspan::{Counts, Diagnostic, Usage};

use crate::json::Json;

/// Gathers counts: each has its last stated word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    answer: Counts,
    /// Summarising on the way is billed and stated apart.
    summaries: Counts,
}

impl Tokens {
    /// Reads one statement; what it leaves out or gives as `null` stays as stated before.
    pub(super) fn read(&mut self, usage: &Json<'_>) {
        let Counts {
            input,
            output,
            cache_read,
            cache_write,
            reasoning,
        } = counts(usage);
        let answer = &mut self.answer;
        answer.input = input.or(answer.input);
        answer.output = output.or(answer.output);
        answer.cache_read = cache_read.or(answer.cache_read);
        answer.cache_write = cache_write.or(answer.cache_write);
        answer.reasoning = reasoning.or(answer.reasoning);
        if let Some(iterations) = usage.get("iterations") {
            let summaries = iterations
                .items()
                .iter()
                .filter(|item| item.text("type") == Some("compaction"));
            self.summaries = summaries
                .map(counts)
                .fold(Counts::default(), |sum, one| Counts {
                    input: sum_of(sum.input, one.input),
                    output: sum_of(sum.output, one.output),
                    cache_read: sum_of(sum.cache_read, one.cache_read),
                    cache_write: sum_of(sum.cache_write, one.cache_write),
                    reasoning: sum_of(sum.reasoning, one.reasoning),
                });
        }
    }

    /// Makes them comparable: Anthropic counts cached tokens apart from the input.
    pub(super) fn usage(self) -> (Usage, Vec<Diagnostic>) {
        let Self { answer, summaries } = self;
        let with = |stated: Option<u64>, more: Option<u64>| {
            stated.map(|count| count.saturating_add(more.unwrap_or(0)))
        };
        Usage::exclusive(Counts {
            input: with(answer.input, summaries.input),
            output: with(answer.output, summaries.output),
            cache_read: with(answer.cache_read, summaries.cache_read),
            cache_write: with(answer.cache_write, summaries.cache_write),
            reasoning: with(answer.reasoning, summaries.reasoning),
        })
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
        reasoning: details
            .and_then(|details| details.get("thinking_tokens"))
            .and_then(Json::as_u64),
    }
}

fn sum_of(sum: Option<u64>, one: Option<u64>) -> Option<u64> {
    match (sum, one) {
        (Some(sum), Some(one)) => Some(sum.saturating_add(one)),
        (sum, one) => sum.or(one),
    }
}
