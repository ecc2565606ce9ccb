use genspan::semconv::attribute::GEN_AI_INPUT_MESSAGES;
use opentelemetry_proto::tonic::{
    common::v1::{ArrayValue, KeyValueList},
    trace::v1::{Status, span::Event},
};
use prost::Message;

use super::*;

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        key_strindex: 0,
    }
}

fn text(key: &str, length: usize) -> KeyValue {
    attribute(key, Value::StringValue("x".repeat(length)))
}

fn string<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    match value(attributes, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key}: {other:?}"),
    }
}

fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    attributes
        .iter()
        .find(|attribute| attribute.key == key)?
        .value
        .as_ref()?
        .value
        .as_ref()
}

fn truncated(attributes: &[KeyValue]) -> i64 {
    match value(attributes, GENSPAN_CONTENT_TRUNCATED) {
        Some(Value::IntValue(count)) => *count,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_fits_is_untouched() {
    let mut span = Span {
        attributes: vec![text("a", 1000)],
        ..Span::default()
    };
    let before = span.clone();
    assert!(fit(&mut span, 2000, Message::encoded_len));
    assert_eq!(span, before);
}

#[test]
fn longest_texts_are_shortened_to_one_length_and_short_ones_stay() {
    let mut span = Span {
        attributes: vec![
            text("long", 50_000),
            text("short", 500),
            text("longer", 100_000),
        ],
        ..Span::default()
    };
    assert!(fit(&mut span, 20_000, Message::encoded_len));
    assert!(
        (19_000..=20_000).contains(&span.encoded_len()),
        "{}",
        span.encoded_len()
    );
    let lengths = ["long", "short", "longer"].map(|key| string(&span.attributes, key).len());
    assert_eq!(lengths[1], 500);
    assert!(lengths[0].abs_diff(lengths[2]) < 8, "{lengths:?}");
    let left_out = truncated(&span.attributes);
    assert!((130_000..132_000).contains(&left_out), "{left_out}");
    assert!(string(&span.attributes, "long").contains(" bytes left out]"));
}

#[test]
fn texts_deep_inside_values_and_events_count_too() {
    let inner = KeyValueList {
        values: vec![text("content", 40_000)],
    };
    let list = ArrayValue {
        values: vec![AnyValue {
            value: Some(Value::KvlistValue(inner)),
        }],
    };
    let mut span = Span {
        attributes: vec![attribute(GEN_AI_INPUT_MESSAGES, Value::ArrayValue(list))],
        events: vec![Event {
            attributes: vec![text("e", 40_000)],
            ..Event::default()
        }],
        status: Some(Status {
            message: "s".repeat(40_000),
            code: 2,
        }),
        ..Span::default()
    };
    assert!(fit(&mut span, 9_000, Message::encoded_len));
    assert_eq!(span.events.len(), 1);
    assert!(span.status.unwrap().message.len() > 2_000);
}

#[test]
fn a_text_that_is_json_stays_json() {
    let messages = format!(
        r#"[{{"role":"user","parts":[{{"type":"text","content":"{}"}}]}}]"#,
        "\\n".repeat(20_000)
    );
    let mut span = Span {
        attributes: vec![attribute(
            GEN_AI_INPUT_MESSAGES,
            Value::StringValue(messages),
        )],
        ..Span::default()
    };
    assert!(fit(&mut span, 4_000, Message::encoded_len));
    let read: serde_json::Value =
        serde_json::from_str(string(&span.attributes, GEN_AI_INPUT_MESSAGES)).unwrap();
    assert_eq!(read[0]["role"], "user");
    assert!(
        read[0]["parts"][0]["content"]
            .as_str()
            .unwrap()
            .contains("bytes left out")
    );
    assert!((18_000..20_000).contains(&truncated(&span.attributes)));
}

#[test]
fn cuts_fall_between_characters() {
    let mut span = Span {
        attributes: vec![attribute("a", Value::StringValue("é…😀".repeat(5_000)))],
        ..Span::default()
    };
    assert!(fit(&mut span, 3_001, Message::encoded_len));
    assert!(string(&span.attributes, "a").len() > 2_800);
}

#[test]
fn without_long_texts_events_go_first_then_attributes() {
    let events = (0..200)
        .map(|_| Event {
            name: "event".repeat(10),
            ..Event::default()
        })
        .collect();
    let attributes = (0..100)
        .map(|number| text(&format!("key{number}"), 40))
        .collect();
    let mut span = Span {
        name: "chat".to_owned(),
        events,
        attributes,
        ..Span::default()
    };
    let mut less = span.clone();
    assert!(fit(&mut less, 8_000, Message::encoded_len));
    assert_eq!(less.attributes.len(), 100);
    assert_eq!(less.dropped_events_count as usize + less.events.len(), 200);
    assert!(fit(&mut span, 1_000, Message::encoded_len));
    assert_eq!((span.events.len(), span.dropped_events_count), (0, 200));
    assert_eq!(
        span.attributes.len() + span.dropped_attributes_count as usize,
        100
    );
    assert_eq!(span.name, "chat");
}

#[test]
fn the_mark_survives_and_adds_to_what_was_counted_before() {
    let mut record = LogRecord {
        attributes: vec![
            attribute(GENSPAN_CONTENT_TRUNCATED, Value::IntValue(7)),
            text("a", 10_000),
        ],
        body: Some(AnyValue {
            value: Some(Value::BytesValue(vec![0; 10_000])),
        }),
        ..LogRecord::default()
    };
    assert!(fit(&mut record, 1_000, Message::encoded_len));
    assert!(truncated(&record.attributes) > 19_000);
    let marks = record
        .attributes
        .iter()
        .filter(|attribute| attribute.key == GENSPAN_CONTENT_TRUNCATED);
    assert_eq!(marks.count(), 1);
}

#[test]
fn what_cannot_fit_says_so() {
    let mut span = Span {
        name: "n".repeat(5_000),
        attributes: vec![text("a", 100)],
        ..Span::default()
    };
    assert!(!fit(&mut span, 1_000, Message::encoded_len));
}
