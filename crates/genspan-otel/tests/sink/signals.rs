//! What comes out of one operation.

use std::sync::{Arc, Mutex};

use genspan::{
    Capture, Conventions, Evaluation, Message, Parent, Place, Provider, Rendering, Role,
    SpanContext, StartOptions, ToolExecution,
    semconv::{self, Metric, attribute as key, spec},
};
use opentelemetry::{
    KeyValue, TraceId, Value,
    logs::{AnyValue, Severity},
    trace::{Link, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::rig::{Rig, Work, attribute, log_attribute};

fn with_content(place: Place) -> Rig {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(place));
    Rig::with(rendering, Sampler::AlwaysOn, Work::Inline, |sink| sink)
}

#[test]
fn a_chat_is_a_span_with_times_kind_and_attributes() {
    let rig = Rig::new();
    let mut chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    chat.response.model = Some("gpt-4o-mini-2024".to_owned());
    chat.response.finish_reasons = vec!["stop".to_owned()];
    chat.finish();
    let span = rig.span("chat gpt-4o-mini");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(span.status, Status::Unset);
    let took = span.end_time.duration_since(span.start_time).unwrap();
    assert_eq!(took.as_millis(), 250);
    assert_eq!(
        attribute(&span, key::GEN_AI_RESPONSE_MODEL),
        Some("gpt-4o-mini-2024".into())
    );
    let reasons = attribute(&span, key::GEN_AI_RESPONSE_FINISH_REASONS).unwrap();
    assert_eq!(reasons.to_string(), r#"["stop"]"#);
    assert_eq!(span.instrumentation_scope.name(), "genspan");
    assert_eq!(
        span.instrumentation_scope.schema_url(),
        Some("https://opentelemetry.io/schemas/1.41.0")
    );
}

#[test]
fn content_is_json_on_spans_and_structure_on_events() {
    let rig = with_content(Place::Both);
    let mut chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    chat.content.input = vec![Message::text(Role::User, "Hello")];
    chat.finish();
    let span = rig.span("chat gpt-4o-mini");
    let Some(Value::String(json)) = attribute(&span, key::GEN_AI_INPUT_MESSAGES) else {
        panic!("{span:?}");
    };
    assert_eq!(
        json.as_str(),
        r#"[{"role":"user","parts":[{"type":"text","content":"Hello"}]}]"#
    );
    let logs = rig.logs();
    assert_eq!(logs.len(), 1);
    let Some(AnyValue::ListAny(messages)) = log_attribute(&logs[0], key::GEN_AI_INPUT_MESSAGES)
    else {
        panic!("{:?}", logs[0]);
    };
    assert!(matches!(&messages[0], AnyValue::Map(message) if message.contains_key("parts")));
}

#[test]
fn an_event_has_its_name_time_severity_and_span() {
    let rig = with_content(Place::Event);
    rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
    let span = rig.span("chat gpt-4o-mini");
    let log = &rig.logs()[0];
    assert_eq!(
        log.event_name(),
        Some(semconv::event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS)
    );
    assert_eq!(log.severity_number(), Some(Severity::Debug));
    assert_eq!(log.timestamp(), Some(span.end_time));
    let context = log.trace_context().unwrap();
    assert_eq!(context.trace_id, span.span_context.trace_id());
    assert_eq!(context.span_id, span.span_context.span_id());
    assert!(context.trace_flags.unwrap().is_sampled());
}

#[test]
fn a_judgement_stands_under_what_it_judges() {
    let rig = Rig::new();
    let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    let judged = chat.context().clone();
    chat.finish();
    let judgement = Evaluation::new("relevance").with_score(0.5);
    rig.telemetry
        .evaluated(judgement.clone().of_span(judged.clone()));
    rig.telemetry.evaluated(judgement);
    let logs = rig.logs();
    assert_eq!(logs.len(), 2);
    let context = logs[0].trace_context().unwrap();
    assert_eq!(context.span_id.to_bytes(), judged.span_id.0);
    assert!(logs[1].trace_context().is_none());
}

#[test]
fn a_failure_is_an_error_status() {
    let rig = Rig::new();
    let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    chat.fail(genspan::Failure::new(genspan::ErrorType::RateLimited).with_status(429));
    let span = rig.span("chat gpt-4o-mini");
    assert_eq!(span.status, Status::error("HTTP 429"));
    assert_eq!(
        attribute(&span, key::ERROR_TYPE),
        Some("rate_limited".into())
    );
}

#[test]
fn what_becomes_known_later_is_added_once_and_renames_the_span() {
    let rig = Rig::new();
    let mut chat = rig
        .telemetry
        .start(genspan::Inference::chat(Provider::OPENAI, "draft"));
    chat.request.model = Some("gpt-4o-mini".to_owned());
    chat.server = Some(genspan::Server::new("api.openai.com", Some(8080)));
    chat.finish();
    let span = rig.span("chat gpt-4o-mini");
    // What was set at the start cannot be set again: the SDK would hold both.
    assert_eq!(
        attribute(&span, key::GEN_AI_REQUEST_MODEL),
        Some("draft".into())
    );
    assert_eq!(
        attribute(&span, key::SERVER_ADDRESS),
        Some("api.openai.com".into())
    );
    assert_eq!(attribute(&span, key::SERVER_PORT), Some(8080.into()));
}

#[test]
fn links_are_there_when_the_span_starts() {
    let rig = Rig::new();
    let asked = SpanContext::from_traceparent(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Some("vendor=1"),
    )
    .unwrap();
    let options = StartOptions {
        links: vec![asked.clone()],
        parent: Parent::Span(asked.clone()),
        ..StartOptions::default()
    };
    rig.telemetry
        .start_with(ToolExecution::new("search"), options)
        .finish();
    let span = rig.span("execute_tool search");
    assert_eq!(span.links.len(), 1);
    assert_eq!(
        span.links[0].span_context.span_id().to_bytes(),
        asked.span_id.0
    );
    assert_eq!(span.parent_span_id.to_bytes(), asked.span_id.0);
    assert!(span.parent_span_is_remote);
    assert_eq!(span.span_context.trace_id().to_bytes(), asked.trace_id.0);
    assert_eq!(span.span_context.trace_state().header(), "vendor=1");
}

#[test]
fn an_operation_that_the_version_does_not_know_says_which_version_it_follows() {
    let rig = Rig::new();
    rig.telemetry.plan("travel").finish();
    let span = rig.span("plan travel");
    let url = span.instrumentation_scope.schema_url().unwrap();
    assert!(url.ends_with("gen-ai-dev/1.42.0-dev"), "{url}");
}

#[test]
fn instruments_are_the_conventions_own() {
    let rig = Rig::new();
    let mut chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    chat.usage = genspan::Usage::inclusive(genspan::Counts {
        input: Some(10),
        output: Some(20),
        ..genspan::Counts::default()
    })
    .0;
    chat.finish();
    let metrics = rig.metrics();
    let scope = metrics.scope_metrics().next().unwrap();
    assert_eq!(scope.scope().name(), "genspan");
    for metric in scope.metrics() {
        let known = Metric::from_name(metric.name()).unwrap();
        assert_eq!(metric.unit(), known.unit());
        assert_eq!(metric.description(), known.brief());
    }
    let text = format!("{metrics:?}");
    let bounds = format!("{:?}", Metric::ClientTokenUsage.buckets());
    assert!(text.contains(&format!("bounds: {bounds}")), "{text}");
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 1);
    assert_eq!(rig.count(Metric::ClientTokenUsage.name()), 2);
}

#[test]
fn a_vendors_own_instruments_are_made_once() {
    let measure = genspan_otel::Dialect::AgentSdk.measure().unwrap();
    let rendering = Rendering::new(Conventions::V1_41).with_measure(measure);
    let rig = Rig::with(rendering, Sampler::AlwaysOff, Work::Inline, |sink| sink);
    for _ in 0..3 {
        rig.telemetry.start(ToolExecution::new("weather")).finish();
    }
    let metrics = rig.metrics();
    let scope = metrics.scope_metrics().next().unwrap();
    let told: Vec<(&str, &str)> = scope
        .metrics()
        .map(|metric| (metric.name(), metric.unit()))
        .collect();
    let times = "agent_sdk.tools.execution.duration";
    assert_eq!(
        told,
        [("agent_sdk.tools.execution.count", ""), (times, "ms")]
    );
    let text = format!("{metrics:?}");
    assert!(text.contains("value: 3"), "{text}");
    assert!(text.contains("sum: 750.0"), "{text}");
    assert!(text.contains("bounds: [1.0, 5.0, 10.0,"), "{text}");
}

#[test]
fn measurements_and_events_do_not_depend_on_sampling() {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Both));
    let rig = Rig::with(rendering, Sampler::AlwaysOff, Work::Inline, |sink| sink);
    let chat = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    assert!(!chat.is_recording() && chat.context().is_valid());
    let context = chat.context().clone();
    chat.finish();
    assert!(rig.spans().is_empty());
    assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 1);
    let log = &rig.logs()[0];
    assert_eq!(
        log.trace_context().unwrap().span_id.to_bytes(),
        context.span_id.0
    );
    assert!(rig.flush().is_complete());
}

/// Notes what a sampler is shown.
#[derive(Clone, Debug, Default)]
struct Watching(Arc<Mutex<Vec<Shown>>>);

/// A span's name and attributes.
type Shown = (String, Vec<KeyValue>);

impl ShouldSample for Watching {
    fn should_sample(
        &self,
        _: Option<&opentelemetry::Context>,
        _: TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let seen = (name.to_owned(), attributes.to_vec());
        self.0.lock().unwrap().push(seen);
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::NONE,
        }
    }
}

#[test]
fn a_sampler_sees_what_it_should() {
    for conventions in Conventions::ALL {
        let sampler = Watching::default();
        let rig = Rig::with(
            Rendering::new(conventions),
            sampler.clone(),
            Work::Inline,
            |sink| sink,
        );
        let telemetry = &rig.telemetry;
        telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
        telemetry.embeddings(Provider::OPENAI, "small").finish();
        telemetry.execute_tool("search").finish();
        telemetry.invoke_agent("travel").finish();
        telemetry.create_agent(Provider::OPENAI, "travel").finish();
        let seen = sampler.0.lock().unwrap().clone();
        let spans = rig.spans();
        assert_eq!(seen.len(), spans.len());
        for ((name, attributes), span) in seen.iter().zip(&spans) {
            assert_eq!(*name, span.name);
            let operation = attribute(span, key::GEN_AI_OPERATION_NAME).unwrap();
            let version = spec::home_version(conventions, &operation.as_str());
            let kind = format!("{:?}", span.span_kind).to_lowercase();
            let rules = spec::span_for(version, &operation.as_str(), &kind).unwrap();
            for set in &span.attributes {
                let rule = rules.attribute(set.key.as_str());
                if rule.is_some_and(|rule| rule.sampling_relevant) {
                    assert!(attributes.contains(set), "{name}: {set:?} came too late");
                }
            }
        }
    }
}

#[test]
fn a_discarded_span_is_marked_for_the_filter() {
    for is_filtered in [true, false] {
        let rig = Rig::with(
            Rendering::default(),
            Sampler::AlwaysOn,
            Work::Inline,
            |sink| {
                if is_filtered {
                    sink.with_discard_filter()
                } else {
                    sink
                }
            },
        );
        let outline = genspan::Operation::outline(&genspan::Inference::chat(Provider::OPENAI, "m"));
        let open = rig.telemetry.open(outline, StartOptions::default());
        assert_eq!(open.can_discard(), is_filtered);
        open.discard();
        let span = rig.span("chat m");
        assert_eq!(attribute(&span, "genspan.discarded"), Some(true.into()));
        assert_eq!(rig.count(Metric::ClientOperationDuration.name()), 0);
    }
}

#[test]
fn a_sink_without_providers_takes_everything_and_gives_nothing() {
    let sink = genspan_otel::OtelSink::builder(Rendering::default()).build();
    let telemetry = genspan::Telemetry::builder(Arc::new(sink)).inline().build();
    let chat = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    assert!(!chat.is_recording());
    chat.scope()
        .run(|| telemetry.execute_tool("search").finish());
    chat.finish();
    assert!(telemetry.shutdown(crate::rig::TIMEOUT).is_complete());
}
