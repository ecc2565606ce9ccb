//! The application's own telemetry, beside that of its calls.

use std::sync::{Arc, Mutex};

use genspan::{Inference, Outcome, Provider, StartOptions};
use genspan_otlp::{PipelineOptions, Sleep, SystemTimer, Timer};
use opentelemetry::{
    Context, InstrumentationScope, KeyValue,
    logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity},
    metrics::MeterProvider,
    trace::{
        Span, SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, Tracer,
        TracerProvider,
    },
};
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::status::StatusCode};
use testkit::collector::Collector;

use crate::{
    LONG,
    arrivals::{Arrivals, Under, text, value},
    from, to,
};

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("app::db")
        .with_version("2.1")
        .with_schema_url("https://example.com/schemas/7")
        .with_attributes([KeyValue::new("pool", "main")])
        .build()
}

fn has_scope<T>(one: &Under<T>) {
    assert_eq!(
        (one.scope.name.as_str(), one.scope.version.as_str()),
        ("app::db", "2.1")
    );
    assert_eq!(text(&one.scope.attributes, "pool"), "main");
    assert_eq!(one.schema_url, "https://example.com/schemas/7");
}

#[test]
fn each_signal_keeps_its_scope_and_its_facts() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let remote = SpanContext::new(
        TraceId::from(7),
        SpanId::from(8),
        TraceFlags::SAMPLED,
        true,
        "a=b".parse().unwrap(),
    );
    let parent = Context::new().with_remote_span_context(remote);
    let tracer = guard.tracer_provider().tracer_with_scope(scope());
    let mut span = tracer.start_with_context("query", &parent);
    span.set_status(Status::error("no"));
    span.end();
    let logger = guard.logger_provider().logger_with_scope(scope());
    let mut record = logger.create_log_record();
    record.set_severity_number(Severity::Warn);
    record.set_body(AnyValue::Map(Box::new(
        [("b".into(), 1.into()), ("a".into(), 2.into())].into(),
    )));
    logger.emit(record);
    let mut named = logger.create_log_record();
    named.set_target("app::cache");
    logger.emit(named);
    let meter = guard.meter_provider().meter_with_scope(scope());
    let counter = meter.u64_counter("rows").with_unit("{row}").build();
    counter.add(3, &[KeyValue::new("table", "t")]);
    assert!(guard.shutdown(LONG).is_complete());

    let arrivals = Arrivals::of(&collector);
    let span = arrivals.span("query");
    has_scope(span);
    assert_eq!(span.item.trace_id, TraceId::from(7).to_bytes());
    assert_eq!(span.item.parent_span_id, SpanId::from(8).to_bytes());
    assert_eq!(span.item.trace_state, "a=b");
    let status = span.item.status.as_ref().unwrap();
    assert_eq!(
        (status.code(), status.message.as_str()),
        (StatusCode::Error, "no")
    );
    let [first, second] = arrivals.logs.as_slice() else {
        panic!("{:?}", arrivals.logs)
    };
    has_scope(first);
    let Some(Value::KvlistValue(body)) = first
        .item
        .body
        .as_ref()
        .and_then(|body| body.value.as_ref())
    else {
        panic!()
    };
    let keys: Vec<&str> = body.values.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(second.scope.name, "app::cache");
    has_scope(&arrivals.metrics[0]);
    assert_eq!(arrivals.metric_counts(), [("rows", 1)]);
}

#[test]
fn a_span_that_was_discarded_does_not_come_out() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let tracer = guard.tracer_provider().tracer("genspan");
    for (name, discarded) in [("kept", false), ("gone", true)] {
        let mut span = tracer.start(name);
        span.set_attribute(KeyValue::new("genspan.discarded", discarded));
        span.end();
    }
    let report = guard.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    assert_eq!(Arrivals::of(&collector).span_names(), ["kept"]);
}

#[test]
fn a_told_operation_keeps_the_span_that_other_instrumentation_built_on() {
    for is_built_on in [false, true] {
        let collector = Collector::taking();
        let guard = to(&collector).init().unwrap();
        let telemetry = guard.telemetry();
        let chat = || Inference::chat(Provider::OPENAI, "m");
        let agent = telemetry.invoke_agent("a");
        let told = StartOptions {
            told: true,
            ..StartOptions::default()
        };
        let heard = telemetry.open(chat(), told);
        if is_built_on {
            let tracer = guard.tracer_provider().tracer("other");
            heard.scope().run(|| tracer.start("other")).end();
        }
        let within = StartOptions {
            within: Some(agent.scope()),
            ..StartOptions::default()
        };
        let call = heard.scope().run(|| telemetry.start_with(chat(), within));
        call.finish();
        heard.close(chat().into(), Outcome::Completed);
        agent.finish();
        let report = guard.shutdown(LONG);
        assert!(report.is_complete(), "{report}");
        let spans = Arrivals::of(&collector).spans;
        let ids: Vec<_> = spans.iter().map(|it| &it.item.span_id).collect();
        let is_there = |id: &Vec<u8>| id.is_empty() || ids.contains(&id);
        assert!(spans.iter().all(|it| is_there(&it.item.parent_span_id)));
        assert_eq!(spans.len(), if is_built_on { 3 } else { 2 });
    }
}

/// Notes whether telemetry is suppressed where the pipeline works.
#[derive(Debug)]
struct Looking(Arc<Mutex<Vec<bool>>>);

impl Timer for Looking {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        let is_suppressed = Context::is_current_telemetry_suppressed();
        self.0.lock().unwrap().push(is_suppressed);
        SystemTimer.sleep(duration)
    }
}

#[test]
fn delivery_tells_nothing_of_itself() {
    let collector = Collector::taking();
    let seen = Arc::default();
    let guard = to(&collector)
        .with_delivery(PipelineOptions {
            timer: Arc::new(Looking(Arc::clone(&seen))),
            ..PipelineOptions::default()
        })
        .init()
        .unwrap();
    guard.tracer_provider().tracer("app").in_span("s", |_| {});
    assert!(guard.shutdown(LONG).is_complete());
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty() && seen.iter().all(|is| *is), "{seen:?}");
}

/// Every client and protocol of the usual exporters is in this program, as one dependency can bring about.
#[test]
fn exporters_that_others_switch_on_do_no_harm() {
    let collector = Collector::taking();
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpJson)
        .with_endpoint(format!("http://{}", collector.address))
        .build();
    assert!(exporter.is_ok(), "{exporter:?}");
    let guard = from(&[])
        .with_destination(format!("grpc://{}", collector.address))
        .init()
        .unwrap();
    guard.tracer_provider().tracer("app").in_span("s", |_| {});
    let meter = guard.meter_provider().meter("app");
    meter.u64_counter("c").build().add(1, &[]);
    let report = guard.shutdown(LONG);
    assert!(report.is_complete(), "{report}: {:?}", report.notes);
    let arrivals = Arrivals::of(&collector);
    assert_eq!(arrivals.span_names(), ["s"]);
    assert_eq!(arrivals.metric_counts(), [("c", 1)]);
    assert_eq!(value(&arrivals.spans[0].item.attributes, "k"), None);
}
