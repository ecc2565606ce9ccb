//! A recorder on an SDK that keeps everything in memory, with agent-sdk's metrics.

use std::{fmt::Write, sync::Arc, time::Duration};

use genspan::{Conventions, Rendering, Telemetry};
use genspan_otel::{
    OtelSink,
    instrument::{
        BoxedSpan, ChatResponse, ChatSpanParams, RootTurnSpanParams, StartedRootTurnSpan,
        StopReason, TokenUsage, ToolSpanParams, ToolTier, build_chat_span, build_tool_span,
        finish_chat_span_success, measure_with, start_root_turn_span,
    },
};
use opentelemetry::Value;
use opentelemetry_sdk::{
    metrics::{
        InMemoryMetricExporter, PeriodicReader, SdkMeterProvider,
        data::{AggregatedMetrics, HistogramDataPoint, Metric, MetricData, SumDataPoint},
    },
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};
use testkit::ManualClock;

pub(super) const PROVIDER: &str = "anthropic";
pub(super) const MODEL: &str = "claude-sonnet-4-5";

/// How far the clock goes whenever it is read.
pub(super) const STEP: Duration = Duration::from_millis(250);

pub(super) struct Rig {
    pub(super) telemetry: Telemetry,
    meters: SdkMeterProvider,
    spans: InMemorySpanExporter,
    metrics: InMemoryMetricExporter,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::of(Rendering::new(Conventions::V1_41))
    }

    pub(super) fn of(rendering: Rendering) -> Self {
        let spans = InMemorySpanExporter::default();
        let metrics = InMemoryMetricExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_simple_exporter(spans.clone())
            .build();
        let reader = PeriodicReader::builder(metrics.clone()).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).build();
        let sink = OtelSink::builder(rendering)
            .with_tracer_provider(&tracers)
            .with_meter_provider(&meters)
            .build();
        let clock = ManualClock::default().stepping(STEP);
        let telemetry = Telemetry::builder(Arc::new(sink))
            .with_clock(Arc::new(clock))
            .inline()
            .build();
        measure_with(&telemetry, &meters);
        Self {
            telemetry,
            meters,
            spans,
            metrics,
        }
    }

    /// Runs work as a task of a worker does: in a scope of the recorder.
    pub(super) fn task<T>(&self, work: impl FnOnce() -> T) -> T {
        self.telemetry.scope().run(work)
    }

    /// Gives the spans in the order in which they ended.
    pub(super) fn spans(&self) -> Vec<SpanData> {
        self.spans.get_finished_spans().unwrap()
    }

    /// Gives the span of this name, of which there must be one.
    pub(super) fn span(&self, name: &str) -> SpanData {
        let mut spans = self.spans();
        spans.retain(|span| span.name == name);
        assert_eq!(spans.len(), 1, "spans named {name}");
        spans.remove(0)
    }

    /// Draws the metrics whose names begin so: unit, edges, labels, and what was counted.
    pub(super) fn metrics(&self, prefix: &str) -> String {
        self.metrics.reset();
        self.meters.force_flush().unwrap();
        let all = self.metrics.get_finished_metrics().unwrap();
        let mut drawn = Vec::new();
        for resource in all {
            for scope in resource.scope_metrics() {
                let named = scope.metrics().filter(|it| it.name().starts_with(prefix));
                drawn.extend(named.map(|metric| (scope.scope().name().to_owned(), draw(metric))));
            }
        }
        drawn.sort_by(|one, other| one.1.cmp(&other.1));
        drawn
            .into_iter()
            .map(|(scope, metric)| format!("[{scope}] {metric}"))
            .collect()
    }
}

fn draw(metric: &Metric) -> String {
    let mut text = format!("{} `{}`", metric.name(), metric.unit());
    match metric.data() {
        AggregatedMetrics::F64(MetricData::Histogram(data)) => {
            points(&mut text, data.data_points(), |sum| format!("{sum}"));
        }
        AggregatedMetrics::U64(MetricData::Histogram(data)) => {
            points(&mut text, data.data_points(), |sum| format!("{sum}"));
        }
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            assert!(sum.is_monotonic());
            text.push_str(" counter\n");
            let mut lines: Vec<_> = sum.data_points().map(counted).collect();
            lines.sort();
            text.push_str(&lines.concat());
        }
        other => panic!("{other:?}"),
    }
    text
}

fn counted(point: &SumDataPoint<u64>) -> String {
    format!("  {} = {}\n", labels(point.attributes()), point.value())
}

fn points<'a, T: Copy + 'a>(
    text: &mut String,
    points: impl Iterator<Item = &'a HistogramDataPoint<T>>,
    shown: impl Fn(T) -> String,
) {
    let mut lines = Vec::new();
    let mut edges = String::new();
    for point in points {
        let all: Vec<_> = point.bounds().map(|edge| edge.to_string()).collect();
        edges = all.join(",");
        let (count, sum) = (point.count(), shown(point.sum()));
        lines.push(format!(
            "  {} = {count} of {sum}\n",
            labels(point.attributes())
        ));
    }
    lines.sort();
    let _ = writeln!(text, " [{edges}]");
    text.push_str(&lines.concat());
}

fn labels<'a>(labels: impl Iterator<Item = &'a opentelemetry::KeyValue>) -> String {
    let mut labels: Vec<_> = labels
        .map(|label| format!("{}={}", label.key, label.value))
        .collect();
    labels.sort();
    labels.join(" ")
}

/// Finds an attribute of a span.
pub(super) fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let mut found = span.attributes.iter().filter(|set| set.key.as_str() == key);
    let value = found.next().map(|set| set.value.clone());
    assert!(
        found.next().is_none(),
        "{key} stands twice on {}",
        span.name
    );
    value
}

/// Gives an attribute as text, a dash where there is none.
pub(super) fn text(span: &SpanData, key: &str) -> String {
    attribute(span, key).map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Draws a span's attributes, in the order of their keys.
pub(super) fn drawn(span: &SpanData) -> String {
    let facts = span.attributes.iter();
    let mut facts: Vec<_> = facts
        .map(|set| format!("{} = {}", set.key, set.value))
        .collect();
    facts.sort();
    let head = format!("{} [{:?}] {:?}", span.name, span.span_kind, span.status);
    format!("{head}\n{}", facts.join("\n"))
}

pub(super) fn run() -> StartedRootTurnSpan {
    start_root_turn_span(RootTurnSpanParams {
        provider_id: PROVIDER,
        model: MODEL,
        conversation_id: "c-1",
    })
}

pub(super) fn chat(streaming: bool) -> BoxedSpan {
    build_chat_span(ChatSpanParams {
        provider_id: PROVIDER,
        model: MODEL,
        streaming,
        max_tokens: None,
    })
}

pub(super) fn answered(mut span: BoxedSpan) {
    finish_chat_span_success(&mut span, &answer(), 0.25, PROVIDER, MODEL);
}

pub(super) fn answer() -> ChatResponse {
    ChatResponse {
        id: "msg_1".to_owned(),
        model: MODEL.to_owned(),
        stop_reason: Some(StopReason::ToolUse),
        usage: usage(),
        had_tool_calls: true,
        ..ChatResponse::default()
    }
}

pub(super) const fn usage() -> TokenUsage {
    TokenUsage {
        input_tokens: 100,
        output_tokens: 10,
        cache_read_input_tokens: 40,
        cache_creation_input_tokens: 8,
    }
}

pub(super) fn tool() -> BoxedSpan {
    build_tool_span(ToolSpanParams {
        tool_name: "get_weather",
        tool_call_id: "toolu_1",
        display_name: "Weather",
        tier: Some(ToolTier::Observe),
        kind: "sync",
    })
}
