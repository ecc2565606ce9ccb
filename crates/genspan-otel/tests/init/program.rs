//! A program of ten lines.

use genspan::{Capture, Message, Place, Provider, Role};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt, metrics::MeterProvider};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use testkit::collector::Collector;

use crate::{
    LONG,
    arrivals::{Arrivals, lines, text, value},
    from, to,
};

/// Records one call and gives what arrived of it.
fn one_call(variables: &[(&str, &str)]) -> Arrivals {
    let collector = Collector::taking();
    let endpoint = format!("http://{}", collector.address);
    let variables = [
        variables,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_SERVICE_NAME", "travel"),
        ],
    ]
    .concat();
    let guard = from(&variables).init().unwrap();
    let telemetry = guard.telemetry();
    let mut call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    call.content.input = vec![Message::text(Role::User, "Where to?")];
    call.finish();
    let report = guard.shutdown(LONG);
    assert!(report.is_complete(), "{report}: {:?}", report.notes);
    assert_eq!(guard.notes(), [""; 0]);
    Arrivals::of(&collector)
}

fn check(arrivals: &Arrivals) {
    assert_eq!(arrivals.span_names(), ["chat gpt-4o-mini"]);
    let span = &arrivals.spans[0];
    assert_eq!(span.item.kind, i32::from(SpanKind::Client));
    assert_eq!(span.item.status, None);
    assert_eq!(
        text(&span.item.attributes, "gen_ai.request.model"),
        "gpt-4o-mini"
    );
    assert_eq!(value(&span.item.attributes, "gen_ai.input.messages"), None);
    assert_eq!(span.scope.name, "genspan");
    assert_eq!(span.schema_url, "https://opentelemetry.io/schemas/1.41.0");
    assert_eq!(
        arrivals.metric_counts(),
        [("gen_ai.client.operation.duration", 1)]
    );
    let names: Vec<&str> = arrivals
        .logs
        .iter()
        .map(|one| one.item.event_name.as_str())
        .collect();
    assert_eq!(names, ["gen_ai.client.inference.operation.details"]);
    let event = &arrivals.logs[0].item;
    assert_eq!(
        (&event.trace_id, &event.span_id),
        (&span.item.trace_id, &span.item.span_id)
    );
    assert!(value(&event.attributes, "gen_ai.input.messages").is_some());
}

const ON_EVENT: (&str, &str) = (
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
    "EVENT_ONLY",
);

#[test]
fn each_signal_arrives_once_over_http() {
    let arrivals = one_call(&[ON_EVENT]);
    check(&arrivals);
    assert_eq!(arrivals.resources.len(), 3);
    for resource in &arrivals.resources {
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines(&resource.attributes), @r#"
            service.name = StringValue("travel")
            telemetry.sdk.language = StringValue("rust")
            telemetry.sdk.name = StringValue("opentelemetry")
            telemetry.sdk.version = StringValue("0.33.1")
            "#);
        }
    }
}

#[test]
fn each_signal_arrives_once_over_grpc() {
    check(&one_call(&[
        ON_EVENT,
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]));
}

#[test]
fn content_and_conventions_are_as_the_environment_says() {
    let arrivals = one_call(&[(ON_EVENT.0, "SPAN_ONLY"), ("GENSPAN_CONVENTIONS", "main")]);
    let span = &arrivals.spans[0];
    insta::assert_snapshot!(text(&span.item.attributes, "gen_ai.input.messages"), @r#"[{"role":"user","parts":[{"type":"text","content":"Where to?"}]}]"#);
    assert!(
        span.schema_url.contains("gen-ai-dev"),
        "{}",
        span.schema_url
    );
}

#[test]
fn code_stands_before_the_environment() {
    let collector = Collector::taking();
    let guard = from(&[
        ON_EVENT,
        ("OTEL_SERVICE_NAME", "environment"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=environment,b=environment"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ])
    .with_destination(format!("http://{}", collector.address))
    .with_service_name("code")
    .with_resource_attribute("a", "code")
    .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
    .with_capture(Capture::at(Place::Span))
    .init()
    .unwrap();
    let mut call = guard.telemetry().chat(Provider::OPENAI, "m");
    call.content.input = vec![Message::text(Role::User, "hi")];
    call.finish();
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let span = &arrivals.spans[0].item;
    assert!(value(&span.attributes, "gen_ai.input.messages").is_some());
    let resource = &arrivals.resources[0].attributes;
    assert_eq!(
        ["service.name", "a", "b"].map(|key| text(resource, key)),
        ["code", "code", "environment"]
    );
}

#[test]
fn measurements_do_not_depend_on_sampling() {
    for sampler in [
        [("OTEL_TRACES_SAMPLER", "always_off"), ("", "")],
        [
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
        ],
    ] {
        let arrivals = one_call(&sampler);
        assert_eq!(arrivals.span_names(), [""; 0]);
        assert_eq!(
            arrivals.metric_counts(),
            [("gen_ai.client.operation.duration", 1)]
        );
    }
}

#[test]
fn a_switched_off_sdk_records_nothing() {
    let collector = Collector::taking();
    let endpoint = format!("http://{}", collector.address);
    let guard = from(&[("OTEL_SDK_DISABLED", "TRUE")])
        .with_destination(endpoint)
        .init()
        .unwrap();
    assert!(!guard.telemetry().is_enabled());
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    let tracer = opentelemetry::trace::TracerProvider::tracer(guard.tracer_provider(), "app");
    opentelemetry::trace::Tracer::in_span(&tracer, "own", |_| {});
    assert!(guard.shutdown(LONG).is_complete());
    assert!(guard.deliveries().destinations.is_empty());
    assert!(collector.rest().is_empty());
}

#[test]
fn baggage_is_recorded_where_it_is_asked_for() {
    let collector = Collector::taking();
    let guard = to(&collector).with_baggage(["user.id"]).init().unwrap();
    let baggage =
        [("user.id", "u-1"), ("secret", "s-1")].map(|(key, value)| KeyValue::new(key, value));
    guard.telemetry().scope().run(|| {
        let _within = Context::current_with_baggage(baggage).attach();
        guard.telemetry().chat(Provider::OPENAI, "m").finish();
    });
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let attributes = &arrivals.spans[0].item.attributes;
    assert_eq!(text(attributes, "user.id"), "u-1");
    assert_eq!(value(attributes, "secret"), None);
}

#[test]
fn metrics_are_sent_as_often_as_the_environment_says() {
    let collector = Collector::taking();
    let guard = from(&[("OTEL_METRIC_EXPORT_INTERVAL", "1")])
        .with_destination(format!("http://{}", collector.address))
        .init()
        .unwrap();
    let meter = MeterProvider::meter(guard.meter_provider(), "app");
    meter.u64_counter("c").build().add(1, &[]);
    assert!(collector.wait().is_of("metrics"));
    assert!(guard.shutdown(LONG).is_complete());
}
