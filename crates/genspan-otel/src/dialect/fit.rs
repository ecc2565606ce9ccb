//! Spans within bounds, for exporters that have none.

use genspan_otlp::fit_span;
use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{Event, Status},
};
use opentelemetry_proto::tonic::{
    common::v1::{self as proto, any_value::Value as ProtoValue},
    trace::v1::Span,
};
use opentelemetry_sdk::trace::SpanData;

/// About what ids, times, scope and the lengths of fields come to.
const FRAME: usize = 256;

/// Estimates the bytes that a span takes in protobuf, rather too many than too few.
pub(super) fn size(span: &SpanData) -> usize {
    let events = span.events.iter();
    let events = events.map(|event| 32 + event.name.len() + size_of_all(&event.attributes));
    let links = span.links.iter();
    let links = links.map(|link| 64 + size_of_all(&link.attributes));
    let status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    let rest: usize = events.chain(links).sum();
    FRAME + span.name.len() + status + size_of_all(&span.attributes) + rest
}

fn size_of_all(attributes: &[KeyValue]) -> usize {
    let sizes = attributes.iter();
    let sizes = sizes.map(|one| 16 + one.key.as_str().len() + size_of(&one.value));
    sizes.sum()
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => {
            let sizes = texts.iter().map(|text| 8 + text.as_str().len());
            sizes.sum()
        }
        Value::Array(Array::Bool(items)) => items.len() * 8,
        Value::Array(Array::I64(items)) => items.len() * 16,
        Value::Array(Array::F64(items)) => items.len() * 16,
        _ => 9,
    }
}

/// Cuts a span that is larger than this, as [`fit_span`] does.
pub(super) fn fit(span: &mut SpanData, bytes: usize) {
    if size(span) <= bytes {
        return;
    }
    let mut message = Span::from(span.clone());
    fit_span(&mut message, bytes);
    span.attributes = attributes(message.attributes);
    // Events and links go from the end, and lose texts of their attributes before.
    let kept = message.events.len();
    let gone = span.events.events.len().saturating_sub(kept);
    span.events.events.truncate(kept);
    span.events.dropped_count = dropped(span.events.dropped_count, gone);
    for (event, cut) in span.events.events.iter_mut().zip(message.events) {
        let name = std::mem::take(&mut event.name);
        let lost = event.dropped_attributes_count;
        *event = Event::new(name, event.timestamp, attributes(cut.attributes), lost);
    }
    let kept = message.links.len();
    let gone = span.links.links.len().saturating_sub(kept);
    span.links.links.truncate(kept);
    span.links.dropped_count = dropped(span.links.dropped_count, gone);
    for (link, cut) in span.links.links.iter_mut().zip(message.links) {
        link.attributes = attributes(cut.attributes);
    }
    span.dropped_attributes_count = message.dropped_attributes_count;
    if let (Status::Error { .. }, Some(status)) = (&span.status, message.status) {
        span.status = Status::error(status.message);
    }
}

fn dropped(before: u32, gone: usize) -> u32 {
    before.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX))
}

fn attributes(list: Vec<proto::KeyValue>) -> Vec<KeyValue> {
    let kept = list.into_iter().filter_map(|one| {
        let value = value(one.value?.value?)?;
        Some(KeyValue::new(one.key, value))
    });
    kept.collect()
}

fn value(value: ProtoValue) -> Option<Value> {
    Some(match value {
        ProtoValue::StringValue(text) => text.into(),
        ProtoValue::BoolValue(flag) => flag.into(),
        ProtoValue::IntValue(number) => number.into(),
        ProtoValue::DoubleValue(number) => number.into(),
        ProtoValue::ArrayValue(items) => Value::Array(array(items.values)),
        // What the SDK's spans do not hold.
        _ => return None,
    })
}

/// Gives a list again, whose items are all of one kind.
fn array(items: Vec<proto::AnyValue>) -> Array {
    let items: Vec<ProtoValue> = items.into_iter().filter_map(|item| item.value).collect();
    match items.first() {
        Some(ProtoValue::BoolValue(_)) => Array::Bool(each(items, |item| match item {
            ProtoValue::BoolValue(flag) => Some(flag),
            _ => None,
        })),
        Some(ProtoValue::IntValue(_)) => Array::I64(each(items, |item| match item {
            ProtoValue::IntValue(number) => Some(number),
            _ => None,
        })),
        Some(ProtoValue::DoubleValue(_)) => Array::F64(each(items, |item| match item {
            ProtoValue::DoubleValue(number) => Some(number),
            _ => None,
        })),
        _ => Array::String(each(items, |item| match item {
            ProtoValue::StringValue(text) => Some(StringValue::from(text)),
            _ => None,
        })),
    }
}

fn each<T>(items: Vec<ProtoValue>, read: impl FnMut(ProtoValue) -> Option<T>) -> Vec<T> {
    items.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Link, Span as _, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

    use super::*;

    fn span(text: &str, events: usize) -> SpanData {
        let memory = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(memory.clone())
            .build();
        let tracer = provider.tracer("app");
        let other = tracer.start("other").span_context().clone();
        let link = Link::with_context(other);
        let builder = tracer.span_builder("work").with_links(vec![link]);
        let mut span = tracer.build(builder);
        span.set_attribute(KeyValue::new("text", text.to_owned()));
        let lists = [
            Array::Bool(vec![true]),
            Array::I64(vec![1, 2]),
            Array::F64(vec![0.5]),
            Array::String(vec!["a".into()]),
        ];
        for (key, list) in ["bools", "ints", "doubles", "texts"].into_iter().zip(lists) {
            span.set_attribute(KeyValue::new(key, Value::Array(list)));
        }
        for _ in 0..events {
            span.add_event("step", vec![KeyValue::new("text", text.to_owned())]);
        }
        span.set_status(Status::error(text.to_owned()));
        span.end();
        memory.get_finished_spans().unwrap().pop().unwrap()
    }

    fn exact(span: &SpanData) -> usize {
        prost::Message::encoded_len(&Span::from(span.clone()))
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let mut fitting = span("short", 3);
        let before = fitting.clone();
        fit(&mut fitting, 10_000);
        assert_eq!(fitting, before);
    }

    #[test]
    fn texts_are_shortened_and_all_else_stays() {
        let long = "x".repeat(20_000);
        let mut cut = span(&long, 3);
        let before = cut.clone();
        fit(&mut cut, 10_000);
        assert!(exact(&cut) <= 10_000);
        assert_eq!(cut.attributes.get(1..5), before.attributes.get(1..5));
        assert_eq!((cut.events.len(), cut.events.dropped_count), (3, 0));
        assert_eq!((cut.links.len(), cut.name.as_ref()), (1, "work"));
        assert_eq!(cut.span_context, before.span_context);
        let Status::Error { description } = &cut.status else {
            panic!("{:?}", cut.status)
        };
        assert!(description.starts_with("xxx") && description.len() < 10_000);
    }

    #[test]
    fn events_that_have_no_room_are_counted() {
        let mut cut = span("short", 200);
        fit(&mut cut, 3_000);
        let (kept, gone) = (cut.events.len(), cut.events.dropped_count);
        assert!(kept < 200);
        assert_eq!(kept + gone as usize, 200);
        assert!(exact(&cut) <= 3_000);
    }

    #[test]
    fn the_estimate_is_not_too_small() {
        for one in [span("short", 20), span(&"x".repeat(5_000), 1)] {
            assert!(size(&one) >= exact(&one));
        }
    }
}
