//! Where telemetry goes, and in which form.

use genspan::{Conventions, Provider, Rendering};
use genspan_otel::InitError;
use genspan_otlp::Temporality;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, metric::Data};
use testkit::collector::Collector;

use crate::{LONG, arrivals::Arrivals, from};

#[test]
fn each_destination_gets_the_signals_that_it_takes_counted_as_it_wants() {
    let (one, other) = (Collector::taking(), Collector::taking());
    let mut only_metrics: genspan_otlp::Destination =
        format!("grpc://{};temporality=delta", other.address)
            .parse()
            .unwrap();
    let genspan_otlp::Endpoint::Grpc(grpc) = &mut only_metrics.endpoint else {
        panic!()
    };
    grpc.signals = vec![genspan_otlp::Signal::Metrics];
    assert_eq!(only_metrics.temporality, Temporality::Delta);
    let guard = from(&[])
        .with_destination(format!("http://{}", one.address))
        .with_destination(only_metrics)
        .init()
        .unwrap();
    let counter = guard.meter_provider().meter("app").u64_counter("c").build();
    let sums = |arrivals: &Arrivals| -> Vec<(i64, i32)> {
        let of = |one: &crate::arrivals::Under<_>| match &one.item {
            opentelemetry_proto::tonic::metrics::v1::Metric {
                data: Some(Data::Sum(sum)),
                ..
            } => {
                let point = &sum.data_points[0];
                let Some(opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt(
                    value,
                )) = point.value
                else {
                    panic!()
                };
                Some((value, sum.aggregation_temporality))
            }
            _ => None,
        };
        arrivals.metrics.iter().filter_map(of).collect()
    };
    for (cumulative, delta) in [(1, 1), (3, 2)] {
        counter.add(delta, &[]);
        guard.telemetry().chat(Provider::OPENAI, "m").finish();
        assert!(guard.flush(LONG).is_complete());
        let (one, other) = (Arrivals::of(&one), Arrivals::of(&other));
        assert_eq!((one.spans.len(), other.spans.len()), (1, 0));
        assert_eq!(
            sums(&one),
            [(cumulative, AggregationTemporality::Cumulative.into())]
        );
        assert_eq!(
            sums(&other),
            [(
                i64::try_from(delta).unwrap(),
                AggregationTemporality::Delta.into()
            )]
        );
    }
}

#[test]
fn a_signal_that_goes_nowhere_is_not_even_made() {
    let collector = Collector::taking();
    let endpoint = format!("http://{}", collector.address);
    let guard = from(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_LOGS_EXPORTER", "none"),
    ])
    .init()
    .unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    assert_eq!((arrivals.spans.len(), arrivals.logs.len()), (0, 0));
    assert_eq!(arrivals.metrics.len(), 1);
}

#[test]
fn without_a_word_of_it_telemetry_goes_to_a_collector_on_this_machine() {
    let names = |variables: &[(&str, &str)]| -> Vec<String> {
        let guard = from(variables).init().unwrap();
        let report = guard.deliveries();
        report
            .destinations
            .into_iter()
            .map(|one| one.name)
            .collect()
    };
    assert_eq!(names(&[]), ["http://localhost:4318"]);
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(names(&[grpc]), ["grpc://localhost:4317"]);
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    assert_eq!(
        names(&[traces]),
        ["grpc://localhost:4317", "http://localhost:4318"]
    );
    let logs = ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf");
    assert_eq!(
        names(&[grpc, logs]),
        ["grpc://localhost:4317", "http://localhost:4318"]
    );
    let none = ["TRACES", "LOGS", "METRICS"].map(|signal| format!("OTEL_{signal}_EXPORTER"));
    let none: Vec<(&str, &str)> = none.iter().map(|name| (name.as_str(), "none")).collect();
    assert_eq!(names(&none), [""; 0]);
}

#[test]
fn what_a_destination_asks_for_holds() {
    let collector = Collector::taking();
    let guard = from(&[("GENSPAN_CONVENTIONS", "main")])
        .with_destination(format!("http://{};conventions=v1.36", collector.address))
        .init()
        .unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    assert!(guard.shutdown(LONG).is_complete());
    assert_eq!(
        Arrivals::of(&collector).spans[0].schema_url,
        "https://opentelemetry.io/schemas/1.36.0"
    );
}

#[test]
fn destinations_that_cannot_be_served_together_are_told() {
    let two = from(&[])
        .with_destination("http://a:1;content=span")
        .with_destination("http://b:1;header=k:s3cret")
        .init();
    insta::assert_snapshot!(two.unwrap_err(), @"http://a:1 and http://b:1 want different conventions or content, but all destinations of one program's providers get the same: write the same `conventions` and `content` behind both, or behind neither and `with_conventions` and `with_capture` instead");
    let whole = from(&[])
        .with_rendering(Rendering::new(Conventions::Main))
        .with_destination("http://a:1;conventions=v1.36")
        .init();
    assert!(matches!(whole, Err(InitError::Conventions { .. })));
    insta::assert_snapshot!(whole.unwrap_err(), @"`with_rendering` renders main, but http://a:1 wants v1.36: leave `conventions=…` away behind it, or render v1.36");
}
