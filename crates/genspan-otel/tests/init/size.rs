//! Spans of any size.

use opentelemetry::{
    KeyValue,
    trace::{Span, Tracer, TracerProvider},
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use testkit::collector::Collector;

use crate::{
    LONG,
    arrivals::{Arrivals, text, value},
    from, to,
};

const MIB: usize = 1024 * 1024;

#[test]
fn six_megabytes_arrive_cut_and_their_neighbours_whole() {
    for scheme in ["http", "grpc"] {
        let collector = Collector::taking();
        let guard = from(&[])
            .with_destination(format!("{scheme}://{}", collector.address))
            .init()
            .unwrap();
        let tracer = guard.tracer_provider().tracer("app");
        for (name, bytes) in [("before", 1_000), ("large", 6 * MIB), ("after", 1_000)] {
            let mut span = tracer.start(name);
            span.set_attribute(KeyValue::new("content", "x".repeat(bytes)));
            span.set_attribute(KeyValue::new("last", true));
            span.end();
        }
        let report = guard.shutdown(LONG);
        assert!(report.is_complete(), "{report}: {:?}", report.notes);
        let arrivals = Arrivals::of(&collector);
        assert!(arrivals.sizes.iter().all(|size| *size < 4 * MIB));
        for name in ["before", "after"] {
            let whole = &arrivals.span(name).item.attributes;
            assert_eq!(text(whole, "content").len(), 1_000);
        }
        let cut = &arrivals.span("large").item.attributes;
        let left = text(cut, "content").len();
        assert!((3 * MIB..4 * MIB).contains(&left), "{left}");
        assert_eq!(value(cut, "last"), Some(&Value::BoolValue(true)));
        let Some(Value::IntValue(gone)) = value(cut, "genspan.content.truncated") else {
            panic!()
        };
        // The mark in place of what is gone takes a few bytes itself.
        let accounted = usize::try_from(*gone).unwrap() + left;
        assert!((6 * MIB..6 * MIB + 64).contains(&accounted), "{accounted}");
    }
}

#[test]
fn long_conversations_lose_nothing() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let mut span = guard.tracer_provider().tracer("app").start("many");
    for number in 0..2_000 {
        span.set_attribute(KeyValue::new(format!("k{number}"), number));
        span.add_event("e", vec![]);
    }
    span.end();
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let span = &arrivals.spans[0].item;
    assert_eq!((span.attributes.len(), span.events.len()), (2_000, 2_000));
}

#[test]
fn limits_are_followed_where_they_are_stated() {
    let collector = Collector::taking();
    let endpoint = format!("http://{}", collector.address);
    let guard = from(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "3"),
    ])
    .init()
    .unwrap();
    let mut span = guard.tracer_provider().tracer("app").start("few");
    for number in 0..5 {
        span.set_attribute(KeyValue::new(format!("k{number}"), number));
        span.add_event("e", vec![KeyValue::new("a", 1), KeyValue::new("b", 1)]);
    }
    span.end();
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let span = &arrivals.spans[0].item;
    assert_eq!(
        (span.attributes.len(), span.dropped_attributes_count),
        (2, 3)
    );
    assert_eq!((span.events.len(), span.dropped_events_count), (3, 2));
    assert_eq!(span.events[0].attributes.len(), 1);
}

#[test]
fn a_key_that_is_set_again_stands_once() {
    let collector = Collector::taking();
    let guard = to(&collector).init().unwrap();
    let tracer = guard.tracer_provider().tracer("app");
    let mut span = tracer
        .span_builder("s")
        .with_attributes([KeyValue::new("k", 1)])
        .start(&tracer);
    span.set_attribute(KeyValue::new("k", 2));
    span.add_event("e", vec![KeyValue::new("k", 1), KeyValue::new("k", 2)]);
    span.end();
    assert!(guard.shutdown(LONG).is_complete());
    let arrivals = Arrivals::of(&collector);
    let span = &arrivals.spans[0].item;
    assert_eq!(value(&span.attributes, "k"), Some(&Value::IntValue(2)));
    assert_eq!(
        value(&span.events[0].attributes, "k"),
        Some(&Value::IntValue(2))
    );
}
