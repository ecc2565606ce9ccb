//! The conventions' rules over spans of both kinds.

use genspan::{Value, semconv::attribute};
use genspan_check::{Checker, Finding, Kind, Options, SpanView, Status};
use opentelemetry::{Array, trace};
use opentelemetry_sdk::trace::SpanData;
use testkit::{CapturedSpan, conventions};

/// Finds nothing in the spans of a recorder.
pub(crate) fn clean(spans: &[CapturedSpan]) {
    assert!(!spans.is_empty());
    judge(conventions::of_spans(
        spans,
        Options::default().without_advice(),
    ));
}

/// Finds nothing in the spans of an SDK.
pub(crate) fn clean_data(spans: &[SpanData]) {
    assert!(!spans.is_empty());
    let checker = Checker::new(Options::default().without_advice());
    for span in spans {
        let nanos = |at: std::time::SystemTime| {
            let since = at.duration_since(std::time::UNIX_EPOCH).unwrap();
            u64::try_from(since.as_nanos()).unwrap()
        };
        let is_root = span.parent_span_id == trace::SpanId::INVALID;
        judge(
            checker.check_span(&SpanView {
                trace_id: span.span_context.trace_id().to_string(),
                span_id: span.span_context.span_id().to_string(),
                parent_span_id: if is_root {
                    String::new()
                } else {
                    span.parent_span_id.to_string()
                },
                name: span.name.to_string(),
                kind: match span.span_kind {
                    trace::SpanKind::Client => Kind::Client,
                    _ => Kind::Internal,
                },
                start: nanos(span.start_time),
                end: nanos(span.end_time),
                attributes: span
                    .attributes
                    .iter()
                    .map(|one| (one.key.to_string(), value(&one.value)))
                    .collect(),
                status: match span.status {
                    trace::Status::Error { .. } => Status::Error,
                    _ => Status::Unset,
                },
                schema_url: span
                    .instrumentation_scope
                    .schema_url()
                    .unwrap_or_default()
                    .to_owned(),
                ..SpanView::default()
            }),
        );
    }
}

fn judge(mut findings: Vec<Finding>) {
    // Who runs a model is not told of agents, nor by the oldest spans of adk; a span alone cannot know.
    let is_untold = |name: &str| name.starts_with("invoke_agent") || name == "chat untold";
    findings
        .retain(|it| !(is_untold(&it.place.name) && it.subject == attribute::GEN_AI_PROVIDER_NAME));
    assert!(findings.is_empty(), "{findings:#?}");
}

fn value(value: &opentelemetry::Value) -> Value {
    match value {
        opentelemetry::Value::Bool(flag) => Value::Bool(*flag),
        opentelemetry::Value::I64(number) => Value::Int(*number),
        opentelemetry::Value::F64(number) => Value::Double(*number),
        opentelemetry::Value::Array(Array::String(items)) => Value::Array(
            items
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect(),
        ),
        other => Value::from(&*other.as_str()),
    }
}
