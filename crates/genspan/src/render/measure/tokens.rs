//! The tokens of a call, measured.

use super::word;
use crate::{
    Amount, ByModality, Labels, Measurement, Usage,
    semconv::{
        Metric, attribute as key,
        value::{token_modality, token_type},
    },
};

/// Measures tokens as v1.36 and v1.41 do: one instrument, its direction a label.
pub(super) fn legacy(usage: &Usage, labels: &Labels) -> impl Iterator<Item = Measurement> {
    let output = directed(token_type::OUTPUT, stated(usage, usage.output()), labels);
    legacy_input(usage, labels).into_iter().chain(output)
}

/// Measures the input in the same way, where there is no output.
pub(super) fn legacy_input(usage: &Usage, labels: &Labels) -> Option<Measurement> {
    directed(token_type::INPUT, stated(usage, usage.input()), labels)
}

fn directed(direction: &'static str, count: Option<u64>, labels: &Labels) -> Option<Measurement> {
    count.map(|count| Measurement {
        metric: Metric::ClientTokenUsage.into(),
        amount: Amount::Count(count),
        labels: labels.clone().with(key::GEN_AI_TOKEN_TYPE, word(direction)),
    })
}

/// Measures tokens as later versions do: counters for spending, histograms for the spread.
pub(super) fn main(usage: &Usage, labels: &Labels, list: &mut Vec<Measurement>) {
    let none = ByModality::default();
    for (metric, whole, by) in [
        (
            Metric::ClientInferenceUsageInputTokens,
            usage.input(),
            usage.input_by(),
        ),
        (
            Metric::ClientInferenceUsageOutputTokens,
            usage.output(),
            usage.output_by(),
        ),
        (
            Metric::ClientInferenceUsageCacheReadInputTokens,
            usage.cache_read(),
            usage.cache_read_by(),
        ),
        (
            Metric::ClientInferenceUsageCacheWriteInputTokens,
            usage.cache_write(),
            none,
        ),
        (
            Metric::ClientInferenceUsageReasoningOutputTokens,
            usage.reasoning(),
            none,
        ),
    ] {
        if let Some(whole) = stated(usage, whole) {
            counted(metric, whole, by, labels, list);
        }
    }
    for (metric, count) in [
        (Metric::ClientInferenceOperationInputTokens, usage.input()),
        (Metric::ClientInferenceOperationOutputTokens, usage.output()),
    ] {
        list.extend(stated(usage, count).map(|count| Measurement {
            metric: metric.into(),
            amount: Amount::Count(count),
            labels: labels.clone(),
        }));
    }
}

/// Leaves an estimate of ours out: a measurement has no place to say that it is one, and its sum is taken for truth.
fn stated(usage: &Usage, count: Option<u64>) -> Option<u64> {
    count.filter(|_| !usage.is_estimated())
}

/// Counts each token once, by what it is where that is stated.
fn counted(
    metric: Metric,
    whole: u64,
    by: ByModality,
    labels: &Labels,
    list: &mut Vec<Measurement>,
) {
    let mut left = whole;
    // Moving pictures have no word in the conventions, and are of unknown kind there.
    for (modality, count) in [
        (token_modality::TEXT, by.text),
        (token_modality::IMAGE, by.image),
        (token_modality::AUDIO, by.audio),
    ] {
        let count = count.unwrap_or(0).min(left);
        if count > 0 {
            left -= count;
            list.push(of_kind(metric, count, modality, labels));
        }
    }
    if left > 0 || whole == 0 {
        list.push(of_kind(metric, left, token_modality::UNKNOWN, labels));
    }
}

fn of_kind(metric: Metric, count: u64, modality: &'static str, labels: &Labels) -> Measurement {
    let labels = labels.clone();
    Measurement {
        metric: metric.into(),
        amount: Amount::Count(count),
        labels: labels.with(key::GEN_AI_TOKEN_MODALITY, word(modality)),
    }
}
