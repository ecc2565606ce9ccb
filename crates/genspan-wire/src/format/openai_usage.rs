//! The tokens of an answer and what it costs, as those state it who speak OpenAI's shapes.

use genspan::{ByModality, Cost, Counts};

use crate::json::Json;

const INPUT_DETAILS: [&str; 3] = [
    "prompt_tokens_details",
    "input_tokens_details",
    "prompt_token_details",
];
const OUTPUT_DETAILS: [&str; 2] = ["completion_tokens_details", "output_tokens_details"];

/// The ticks in which xAI counts what make a dollar.
const TICKS_PER_DOLLAR: f64 = 1e10;

/// Gathers counts and cost; they grow while an answer streams, so the last one stated stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    counts: Counts,
    /// What llama.cpp counts where nobody asked for the usage.
    timed: Counts,
    cost: Option<Cost>,
}

impl Counted {
    /// Reads `usage`, from wherever it stands.
    pub(crate) fn read(&mut self, usage: &Json<'_>) {
        let mut counts = counts(usage);
        let total = usage.get("total_tokens").and_then(Json::as_u64);
        include_apart(&mut counts, total);
        self.counts.update(counts);
        if let Some(cost) = cost(usage) {
            self.cost = Some(cost);
        }
    }

    /// Reads the input tokens where nothing else tells them.
    pub(crate) fn read_input(&mut self, stated: Option<&Json<'_>>) {
        if self.counts.input.is_none() {
            self.counts.input = stated.and_then(Json::as_u64);
        }
    }

    /// Reads what an answer tells beside its usage: Venice's cost, llama.cpp's counts.
    pub(crate) fn read_beside(&mut self, document: &Json<'_>) {
        let usd = |cost: &Json<'_>| {
            let amount = |name| cost.get(name).and_then(Json::as_f64);
            // Paid in Venice's own units it costs dollars that are not stated.
            let is_paid_otherwise = amount("usd") == Some(0.0) && amount("diem") > Some(0.0);
            amount("usd").filter(|_| !is_paid_otherwise)
        };
        if let Some(cost) = document
            .get("cost")
            .and_then(usd)
            .and_then(Cost::stated_in_usd)
        {
            self.cost = Some(cost);
        }
        if let Some(timings) = document.get("timings") {
            let count = |name| timings.get(name).and_then(Json::as_u64);
            let cached = count("cache_n");
            // The prompt that was read is not all of it; only with what the cache held it is.
            let prompt = cached
                .zip(count("prompt_n"))
                .map(|(cached, read)| cached.saturating_add(read));
            self.timed.update(Counts {
                input: prompt,
                output: count("predicted_n"),
                cache_read: cached.filter(|_| prompt.is_some()),
                ..Counts::default()
            });
        }
    }

    /// Hands over what was counted and what it costs.
    pub(crate) fn into_parts(self) -> (Counts, Option<Cost>) {
        let is_stated = self.counts != Counts::default();
        let counts = if is_stated { self.counts } else { self.timed };
        (counts, self.cost)
    }
}

fn counts(usage: &Json<'_>) -> Counts {
    let count = |names: &[&str]| names.iter().find_map(|name| usage.get(name)?.as_u64());
    let details = |names: &[&str]| names.iter().find_map(|name| usage.get(name));
    let (input, output) = (details(&INPUT_DETAILS), details(&OUTPUT_DETAILS));
    let detail = |details: Option<&Json<'_>>, names: &[&str]| {
        names.iter().find_map(|name| details?.get(name)?.as_u64())
    };
    let written = usage
        .get("cache_creation")
        .or_else(|| input?.get("cache_creation"));
    Counts {
        input: count(&["prompt_tokens", "input_tokens"]),
        output: count(&["completion_tokens", "output_tokens"]),
        cache_read: detail(input, &["cached_tokens"]).or_else(|| {
            count(&[
                "prompt_cache_hit_tokens",
                "cached_tokens",
                "cache_read_input_tokens",
            ])
        }),
        cache_write: detail(
            input,
            &[
                "cache_write_tokens",
                "cache_creation_tokens",
                "cache_creation_input_tokens",
            ],
        )
        .or_else(|| count(&["cache_creation_input_tokens"])),
        cache_write_long: detail(written, &["ephemeral_1h_input_tokens"]),
        reasoning: detail(output, &["reasoning_tokens"]).or_else(|| count(&["reasoning_tokens"])),
        input_by: input.map_or_else(ByModality::default, by_modality),
        cache_read_by: input
            .and_then(|input| input.get("cached_tokens_details"))
            .map_or_else(ByModality::default, by_modality),
        output_by: output.map_or_else(ByModality::default, by_modality),
    }
}

fn by_modality(details: &Json<'_>) -> ByModality {
    let count = |name| details.get(name).and_then(Json::as_u64);
    ByModality {
        text: count("text_tokens"),
        audio: count("audio_tokens"),
        image: count("image_tokens"),
        video: count("video_tokens"),
    }
}

/// Adds what is counted apart from the input or the output, which only the sum of all tells: Mistral counts sound so,
/// xAI reasoning.
fn include_apart(counts: &mut Counts, total: Option<u64>) {
    let (Some(total), Some(input)) = (total, counts.input) else {
        return;
    };
    let output = counts.output.unwrap_or(0);
    let audio = counts.input_by.audio.unwrap_or(0);
    let reasoning = counts.reasoning.unwrap_or(0);
    let (more_input, more_output) = match total.checked_sub(input.saturating_add(output)) {
        None | Some(0) => return,
        Some(rest) if rest == audio => (audio, 0),
        Some(rest) if rest == reasoning => (0, reasoning),
        Some(rest) if rest == audio.saturating_add(reasoning) => (audio, reasoning),
        Some(_) => return,
    };
    counts.input = Some(input.saturating_add(more_input));
    if more_output > 0 {
        counts.output = Some(output.saturating_add(more_output));
    }
}

/// Reads what the call costs: OpenRouter's credits are dollars, xAI counts in parts of one.
fn cost(usage: &Json<'_>) -> Option<Cost> {
    let amount = |stated: &Json<'_>, name: &str| stated.get(name).and_then(Json::as_f64);
    let routed = || {
        let charged = amount(usage, "cost")?;
        // With a key of one's own the provider behind the router sends a bill of its own.
        let is_own_key = usage.get("is_byok").and_then(Json::as_bool) == Some(true);
        let upstream = usage
            .get("cost_details")
            .filter(|_| is_own_key)
            .and_then(|details| amount(details, "upstream_inference_cost"));
        Some(charged + upstream.unwrap_or(0.0))
    };
    // Perplexity states 0 until the last chunk.
    let summed = || amount(usage.get("cost")?, "total_cost").filter(|total| *total > 0.0);
    let ticks = || Some(amount(usage, "cost_in_usd_ticks")? / TICKS_PER_DOLLAR);
    let estimated = || amount(usage, "estimated_cost");
    routed()
        .or_else(summed)
        .or_else(ticks)
        .or_else(estimated)
        .and_then(Cost::stated_in_usd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    fn counted(usages: &[&str]) -> (Counts, Option<f64>) {
        let mut counted = Counted::default();
        for usage in usages {
            read(usage.as_bytes(), |_, usage| counted.read(&usage));
        }
        let (counts, cost) = counted.into_parts();
        (counts, cost.map(|cost| cost.amount.as_f64()))
    }

    #[test]
    fn reasoning_and_sound_that_are_counted_apart_are_added_where_the_total_says_so() {
        let xai = r#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,
            "completion_tokens_details":{"reasoning_tokens":94}}"#;
        let (counts, _) = counted(&[xai]);
        assert_eq!(
            (counts.input, counts.output, counts.reasoning),
            (Some(32), Some(103), Some(94))
        );
        let openai = xai.replace("135", "41");
        assert_eq!(counted(&[&openai]).0.output, Some(9));
        let mistral = r#"{"prompt_tokens":5,"completion_tokens":2,"total_tokens":382,
            "prompt_tokens_details":{"audio_tokens":375},"prompt_audio_seconds":5}"#;
        let (counts, _) = counted(&[mistral]);
        assert_eq!((counts.input, counts.output), (Some(380), Some(2)));
        assert_eq!(counts.input_by.audio, Some(375));
        let odd = r#"{"prompt_tokens":5,"completion_tokens":2,"total_tokens":100}"#;
        let (counts, _) = counted(&[odd]);
        assert_eq!((counts.input, counts.output), (Some(5), Some(2)));
    }

    #[test]
    fn each_spelling_of_a_count_is_known() {
        for (usage, read, written) in [
            (
                r#"{"prompt_tokens_details":{"cached_tokens":3}}"#,
                Some(3),
                None,
            ),
            (
                r#"{"prompt_token_details":{"cached_tokens":3}}"#,
                Some(3),
                None,
            ),
            (
                r#"{"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":9}"#,
                Some(4),
                None,
            ),
            (r#"{"cached_tokens":5}"#, Some(5), None),
            (
                r#"{"cache_read_input_tokens":6,"cache_creation_input_tokens":7}"#,
                Some(6),
                Some(7),
            ),
            (
                r#"{"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":8},"cached_tokens":1}"#,
                Some(0),
                Some(8),
            ),
        ] {
            let (counts, _) = counted(&[usage]);
            assert_eq!(
                (counts.cache_read, counts.cache_write),
                (read, written),
                "{usage}"
            );
        }
        let (counts, _) = counted(&[
            r#"{"cache_creation":{"ephemeral_1h_input_tokens":2,"ephemeral_5m_input_tokens":1},
            "reasoning_tokens":4,"completion_tokens_details":{"image_tokens":5,"audio_tokens":null},
            "prompt_tokens_details":{"text_tokens":1,"image_tokens":2,"video_tokens":3,
            "cached_tokens_details":{"text_tokens":1,"audio_tokens":"odd"}}}"#,
        ]);
        assert_eq!(
            (counts.cache_write_long, counts.reasoning),
            (Some(2), Some(4))
        );
        assert_eq!(counts.output_by.image, Some(5));
        assert_eq!(
            counts.input_by,
            ByModality {
                text: Some(1),
                image: Some(2),
                video: Some(3),
                audio: None
            }
        );
        assert_eq!(
            counts.cache_read_by,
            ByModality {
                text: Some(1),
                ..ByModality::default()
            }
        );
    }

    #[test]
    fn a_cost_is_read_in_dollars_and_the_last_one_stands() {
        for (usages, cost) in [
            (&[r#"{"cost":0.5}"#, r#"{"cost":0.75}"#][..], Some(0.75)),
            (&[r#"{"cost":0}"#], Some(0.0)),
            (
                &[
                    r#"{"cost":0.5,"is_byok":false,"cost_details":{"upstream_inference_cost":0.25}}"#,
                ],
                Some(0.5),
            ),
            (
                &[r#"{"cost":0.5,"is_byok":true,"cost_details":{"upstream_inference_cost":0.25}}"#],
                Some(0.75),
            ),
            (&[r#"{"cost":{"total_cost":0,"request_cost":0}}"#], None),
            (
                &[
                    r#"{"cost":{"total_cost":0}}"#,
                    r#"{"cost":{"total_cost":0.125}}"#,
                ],
                Some(0.125),
            ),
            (&[r#"{"cost_in_usd_ticks":25000000000}"#], Some(2.5)),
            (&[r#"{"estimated_cost":0.25}"#], Some(0.25)),
            (&[r#"{"cost":"much"}"#, r#"{"cost":-1}"#], None),
        ] {
            assert_eq!(counted(usages).1, cost, "{usages:?}");
        }
    }

    #[test]
    fn what_stands_beside_the_usage_counts_where_there_is_none() {
        let beside = |document: &str| {
            let mut counted = Counted::default();
            read(document.as_bytes(), |_, document| {
                counted.read_beside(&document)
            });
            counted
        };
        let timings = r#"{"timings":{"cache_n":39,"prompt_n":1,"predicted_n":46}}"#;
        let (counts, _) = beside(timings).into_parts();
        assert_eq!(
            (counts.input, counts.output, counts.cache_read),
            (Some(40), Some(46), Some(39))
        );
        let mut both = beside(timings);
        read(br#"{"prompt_tokens":41}"#, |_, usage| both.read(&usage));
        let (counts, _) = both.into_parts();
        assert_eq!((counts.input, counts.output), (Some(41), None));
        let (counts, _) = beside(r#"{"timings":{"prompt_n":1,"predicted_n":46}}"#).into_parts();
        assert_eq!((counts.input, counts.output), (None, Some(46)));

        let cost = |document| {
            let (_, cost) = beside(document).into_parts();
            cost.map(|cost| cost.amount.as_f64())
        };
        assert_eq!(cost(r#"{"cost":{"usd":0.5,"diem":0}}"#), Some(0.5));
        assert_eq!(cost(r#"{"cost":{"usd":0,"diem":2.5}}"#), None);
        assert_eq!(cost(r#"{"cost":{"usd":0,"diem":0}}"#), Some(0.0));
        assert_eq!(cost(r#"{"cost":0.5}"#), None);
    }
}
