//! agent-sdk's own metrics, which the conventions have no room for.

pub(super) mod parts;

use genspan::{RunOutcome, Telemetry, semconv::attribute::GEN_AI_TOOL_NAME};
use opentelemetry::{
    InstrumentationScope, KeyValue,
    metrics::{Counter, Histogram, Meter, MeterProvider},
};

use self::parts::PartMetrics;
use super::words::{OUTCOME, TOOL_KIND, TOOL_OUTCOME};

/// Holds the instruments of one recorder; none where it has no provider of meters.
#[derive(Clone, Default)]
pub(super) struct Metrics(Option<Instruments>);

#[derive(Clone)]
struct Instruments {
    runs: Counter<u64>,
    tools: Counter<u64>,
    tool_times: Histogram<f64>,
}

/// Names the scope that agent-sdk's dashboards look for.
const SCOPE: &str = "agent-sdk";

/// Bounds the buckets of tools' times, in milliseconds.
const TOOL_TIMES: [f64; 11] = [
    1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0, 60_000.0, 300_000.0,
];

impl Metrics {
    fn new(meter: &Meter) -> Self {
        Self(Some(Instruments {
            runs: meter.u64_counter("agent_sdk.runs.outcome").build(),
            tools: meter.u64_counter("agent_sdk.tools.execution.count").build(),
            tool_times: meter
                .f64_histogram("agent_sdk.tools.execution.duration")
                .with_unit("ms")
                .with_boundaries(TOOL_TIMES.to_vec())
                .build(),
        }))
    }

    pub(super) fn run(&self, outcome: RunOutcome) {
        if let Self(Some(instruments)) = self {
            let labels = [KeyValue::new(OUTCOME, outcome.as_str())];
            instruments.runs.add(1, &labels);
        }
    }

    pub(super) fn tool(&self, name: &str, kind: &'static str, outcome: &'static str, time: f64) {
        if let Self(Some(instruments)) = self {
            let labels = [
                KeyValue::new(GEN_AI_TOOL_NAME, name.to_owned()),
                KeyValue::new(TOOL_KIND, kind),
                KeyValue::new(TOOL_OUTCOME, outcome),
            ];
            instruments.tools.add(1, &labels);
            instruments.tool_times.record(time, &labels);
        }
    }
}

/// Lets agent-sdk's own metrics of this recorder be measured with meters of this provider.
///
/// [`init`](crate::init), [`from_globals`](crate::from_globals) and [`with_providers`](crate::with_providers) do so;
/// a recorder whose sink was set up by hand measures them only after this. The first provider stays.
///
/// | metric | instrument | labels |
/// |---|---|---|
/// | `agent_sdk.runs.outcome` | counter | `agent_sdk.outcome` |
/// | `agent_sdk.tools.execution.count` | counter | `gen_ai.tool.name`, `agent_sdk.tool.kind`, `agent_sdk.tool.outcome` |
/// | `agent_sdk.tools.execution.duration` | histogram, ms | the same |
/// | `agent_sdk.turns.duration` | histogram, s | `agent_sdk.outcome`, `agent_sdk.input.kind`, `gen_ai.provider.name` |
/// | `agent_sdk.context.compaction` | counter | `agent_sdk.compaction.trigger` |
/// | `agent_sdk.context.compaction.tokens_saved` | histogram, {token} | the same |
/// | `agent_sdk.subagent.invocations` | counter | `gen_ai.agent.name`, `agent_sdk.outcome` |
/// | `agent_sdk.llm.retries` | counter | `gen_ai.provider.name`, `error.type` |
///
/// Tokens and times of chats are the conventions' own metrics.
pub fn measure_with(telemetry: &Telemetry, provider: &dyn MeterProvider) {
    let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION"));
    let meter = provider.meter_with_scope(scope.build());
    drop(telemetry.belonging(|| Metrics::new(&meter)));
    drop(telemetry.belonging(|| PartMetrics::new(&meter)));
}

pub(super) fn of(telemetry: &Telemetry) -> Metrics {
    (*telemetry.belonging(Metrics::default)).clone()
}
