//! Settings that cannot be followed.

use genspan::{Capture, Place, Provider, ToolDefinition};
use opentelemetry::trace::{Tracer, TracerProvider};
use testkit::collector::Collector;

use crate::{LONG, arrivals::Arrivals, from};

#[test]
fn what_leads_telemetry_astray_is_an_error() {
    let unknown = from(&[]).with_destination("kafka:x").init();
    insta::assert_snapshot!(unknown.unwrap_err(), @"`with_destination`: `kafka:x` is no destination; write `store`, `stdout`, `file:PATH`, `http://HOST:PORT`, `https://HOST`, `grpc://HOST:PORT`, `grpcs://HOST:PORT`, `braintrust`, `langfuse` or `sentry`");
    let protocol = from(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "thrift")]).init();
    insta::assert_snapshot!(protocol.unwrap_err(), @"the environment variable OTEL_EXPORTER_OTLP_PROTOCOL: `thrift` is unknown; write `http/protobuf`, `http/json` or `grpc`");
    let endpoint = from(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]).init();
    insta::assert_snapshot!(endpoint.unwrap_err(), @"the environment variable OTEL_EXPORTER_OTLP_ENDPOINT: `collector:4318` is no address: it does not begin with `http://` or `https://`");
    let file = from(&[]).with_destination("file:/nowhere/at/all").init();
    insta::assert_snapshot!(file.unwrap_err(), @"telemetry cannot be delivered: file:/nowhere/at/all: No such file or directory (os error 2)");
}

#[test]
fn what_else_cannot_be_understood_is_passed_over_and_noted() {
    let guard = from(&[
        ("OTEL_SDK_DISABLED", "yes"),
        ("OTEL_TRACES_SAMPLER", "xray"),
        ("OTEL_METRICS_EXPORTER", "prometheus"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m"),
        ("OTEL_PROPAGATORS", "b3,tracecontext"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "many"),
        ("GENSPAN_CONVENTIONS", "v9"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "all"),
    ])
    .init()
    .unwrap();
    insta::assert_snapshot!(guard.notes().join("\n"), @r#"
    OTEL_SDK_DISABLED: `yes` is neither `true` nor `false` and passed over
    OTEL_METRICS_EXPORTER: `prometheus` is not supported and passed over; known are `otlp` and `none`
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: `all` is no place for content; write `none`, `span`, `event` or `both` (or `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, `true`, `false`)
    GENSPAN_CONVENTIONS: unknown conventions "v9": expected v1.36, v1.41 or main
    OTEL_METRIC_EXPORT_INTERVAL: `1m` is no number of milliseconds above 0 and passed over
    OTEL_RESOURCE_ATTRIBUTES: write `key=value,key=value`, with `,` and `=` inside values as %2C and %3D; all of it is passed over
    OTEL_TRACES_SAMPLER: `xray` is unknown and passed over; write `always_on`, `always_off`, `traceidratio` or one of them with `parentbased_` before it
    OTEL_SPAN_EVENT_COUNT_LIMIT: `many` is no count and passed over
    OTEL_PROPAGATORS: `b3` is not supported and passed over; known are `tracecontext`, `baggage` and `none`
    "#);
    let ratio = from(&[
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "50%"),
    ])
    .init()
    .unwrap();
    insta::assert_snapshot!(ratio.notes().join("\n"), @"OTEL_TRACES_SAMPLER_ARG: `50%` is no number from 0 to 1 and passed over; every trace is sampled");
}

#[test]
fn attributes_that_cannot_be_read_cost_the_service_s_name_nothing() {
    let collector = Collector::taking();
    let endpoint = format!("http://{}", collector.address);
    let guard = from(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_SERVICE_NAME", "travel"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=1,b"),
    ])
    .init()
    .unwrap();
    guard.tracer_provider().tracer("t").in_span("s", |_| {});
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let resource = &arrivals.resources[0].attributes;
    assert_eq!(crate::arrivals::text(resource, "service.name"), "travel");
    assert_eq!(crate::arrivals::value(resource, "a"), None);
}

#[test]
fn tools_are_told_whole_where_the_program_or_the_environment_asks_for_it() {
    let asked = (
        "OTEL_SEMCONV_STABILITY_OPT_IN",
        "gen_ai_tool_definitions,http",
    );
    for (variables, by_program, is_whole) in [
        (&[][..], false, false),
        (&[asked], false, true),
        (&[], true, true),
    ] {
        let collector = Collector::taking();
        let mut builder = from(variables)
            .with_destination(format!("http://{}", collector.address))
            .with_capture(Capture::at(Place::Span));
        if by_program {
            builder = builder.with_full_tool_definitions();
        }
        let guard = builder.init().unwrap();
        let mut call = guard.telemetry().chat(Provider::OPENAI, "m");
        call.content.tools = vec![ToolDefinition {
            kind: "function".to_owned(),
            name: "weather".to_owned(),
            description: Some("Tells the sky.".to_owned()),
            parameters: None,
        }];
        call.finish();
        assert!(guard.shutdown(LONG).is_complete());
        let arrivals = Arrivals::of(&collector);
        let told = crate::arrivals::lines(&arrivals.span("chat m").item.attributes);
        assert!(told.contains("weather"), "{told}");
        assert_eq!(told.contains("Tells the sky."), is_whole, "{told}");
    }
}
