//! What agent-sdk measures of the parts of a run: turns, compactions, sub-agents and repeated attempts.

use genspan::{
    Provider, RunOutcome, Telemetry,
    semconv::attribute::{ERROR_TYPE, GEN_AI_AGENT_NAME, GEN_AI_PROVIDER_NAME},
};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter},
};

use crate::instrument::words::{COMPACTION_TRIGGER, INPUT_KIND, OUTCOME};

/// Holds the instruments of one recorder; none where it has no provider of meters.
#[derive(Clone, Default)]
pub(in crate::instrument) struct PartMetrics(Option<Instruments>);

#[derive(Clone)]
struct Instruments {
    turn_times: Histogram<f64>,
    compactions: Counter<u64>,
    tokens_saved: Histogram<u64>,
    subagents: Counter<u64>,
    retries: Counter<u64>,
}

/// Bounds the buckets of times, in seconds: they double from 10 ms.
const SECONDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/// Bounds the buckets of tokens: powers of four.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

impl PartMetrics {
    pub(super) fn new(meter: &Meter) -> Self {
        Self(Some(Instruments {
            turn_times: meter
                .f64_histogram("agent_sdk.turns.duration")
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            compactions: meter.u64_counter("agent_sdk.context.compaction").build(),
            tokens_saved: meter
                .u64_histogram("agent_sdk.context.compaction.tokens_saved")
                .with_unit("{token}")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            subagents: meter.u64_counter("agent_sdk.subagent.invocations").build(),
            retries: meter.u64_counter("agent_sdk.llm.retries").build(),
        }))
    }

    pub(in crate::instrument) fn turn(
        &self,
        outcome: &'static str,
        input_kind: &'static str,
        provider: &Provider,
        seconds: f64,
    ) {
        if let Self(Some(instruments)) = self {
            let labels = [
                KeyValue::new(OUTCOME, outcome),
                KeyValue::new(INPUT_KIND, input_kind),
                KeyValue::new(GEN_AI_PROVIDER_NAME, provider.as_str().to_owned()),
            ];
            instruments.turn_times.record(seconds, &labels);
        }
    }

    /// Counts a compaction, and what it saved unless the history grew.
    pub(in crate::instrument) fn compaction(
        &self,
        trigger: &'static str,
        tokens_saved: Option<u64>,
    ) {
        if let Self(Some(instruments)) = self {
            let labels = [KeyValue::new(COMPACTION_TRIGGER, trigger)];
            instruments.compactions.add(1, &labels);
            if let Some(saved) = tokens_saved {
                instruments.tokens_saved.record(saved, &labels);
            }
        }
    }

    pub(in crate::instrument) fn subagent(&self, name: &str, outcome: RunOutcome) {
        if let Self(Some(instruments)) = self {
            let labels = [
                KeyValue::new(GEN_AI_AGENT_NAME, name.to_owned()),
                KeyValue::new(OUTCOME, outcome.as_str()),
            ];
            instruments.subagents.add(1, &labels);
        }
    }

    pub(in crate::instrument) fn retry(&self, provider: &Provider, error_type: &str) {
        if let Self(Some(instruments)) = self {
            let labels = [
                KeyValue::new(GEN_AI_PROVIDER_NAME, provider.as_str().to_owned()),
                KeyValue::new(ERROR_TYPE, error_type.to_owned()),
            ];
            instruments.retries.add(1, &labels);
        }
    }
}

pub(in crate::instrument) fn of(telemetry: &Telemetry) -> PartMetrics {
    (*telemetry.belonging(PartMetrics::default)).clone()
}
