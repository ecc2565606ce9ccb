//! The tokens of an answer, as it states them.

use genspan::Counts;

use crate::json::Json;

/// Gathers counts; they grow while an answer streams, so the last one stated stands.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::format) struct Counted {
    counts: Counts,
}

impl Counted {
    pub(in crate::format) fn read(&mut self, usage: &Json<'_>) {
        let count = |names: [&str; 2]| names.iter().find_map(|name| usage.get(name)?.as_u64());
        let detail = |names: [&str; 2], member: &str| {
            names
                .iter()
                .find_map(|name| usage.get(name))
                .and_then(|details| details.get(member)?.as_u64())
        };
        const INPUT_DETAILS: [&str; 2] = ["prompt_tokens_details", "input_tokens_details"];
        const OUTPUT_DETAILS: [&str; 2] = ["completion_tokens_details", "output_tokens_details"];
        let input = count(["prompt_tokens", "input_tokens"]);
        let output = count(["completion_tokens", "output_tokens"]);
        let audio = detail(INPUT_DETAILS, "audio_tokens").unwrap_or(0);
        // Mistral counts sound apart from the prompt, which only its total tells.
        let beside = |input: u64| {
            input
                .saturating_add(output.unwrap_or(0))
                .saturating_add(audio)
        };
        let is_apart =
            |input: u64| usage.get("total_tokens").and_then(Json::as_u64) == Some(beside(input));
        let input = input.map(|input| {
            if is_apart(input) {
                input.saturating_add(audio)
            } else {
                input
            }
        });
        let counts = &mut self.counts;
        last(&mut counts.input, input);
        last(&mut counts.output, output);
        let cached = detail(INPUT_DETAILS, "cached_tokens");
        last(
            &mut counts.cache_read,
            cached.or_else(|| count(["prompt_cache_hit_tokens", "cached_tokens"])),
        );
        last(
            &mut counts.cache_write,
            detail(INPUT_DETAILS, "cache_write_tokens"),
        );
        last(
            &mut counts.reasoning,
            detail(OUTPUT_DETAILS, "reasoning_tokens"),
        );
    }

    pub(in crate::format) const fn into_counts(self) -> Counts {
        self.counts
    }
}

fn last(slot: &mut Option<u64>, stated: Option<u64>) {
    *slot = stated.or(*slot);
}
