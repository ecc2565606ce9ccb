//! What the reader forgives, what it tells, and that nothing stops it.

use genspan::semconv::attribute as key;
use genspan_check::{Checker, Options};
use serde_json::{Value, json};

use crate::build::{chat, check, details, in_logs, in_traces, text, violation, words};

fn missing() -> Vec<String> {
    vec![violation("missing-attribute", key::GEN_AI_PROVIDER_NAME)]
}

/// A line with one violation, to see that it is still found.
fn faulty() -> String {
    in_traces("", &[chat().without(key::GEN_AI_PROVIDER_NAME)])
}

#[test]
fn all_signals_may_stand_in_one_file() {
    let input = format!(
        "{}\n\n{}\r\n{}\n",
        in_traces("", &[chat()]),
        in_logs(&[details()]),
        faulty()
    );
    let report = check(&input);
    assert_eq!(words(&report), missing());
    assert_eq!(report.spans(), 2);
    let place = &report.findings()[0].place;
    assert_eq!((place.file.as_str(), place.line), ("test.jsonl", Some(4)));
    assert_eq!(
        (place.name.as_str(), place.span_id.as_str()),
        ("chat gpt-4o", crate::build::SPAN)
    );
}

#[test]
fn a_document_may_go_over_many_lines() {
    let document: Value = serde_json::from_str(&faulty()).unwrap();
    let report = check(&format!("\u{feff}{document:#}\n{}\n", faulty()));
    assert_eq!(words(&report), [missing(), missing()].concat());
    let last = format!("{document:#}").lines().count() as u64 + 1;
    let lines: Vec<_> = report
        .findings()
        .iter()
        .map(|finding| finding.place.line)
        .collect();
    assert_eq!(lines, [Some(1), Some(last)]);
}

#[test]
fn other_spellings_are_read() {
    let camel = in_traces("", &[chat().member("kind", json!("SPAN_KIND_CLIENT"))]);
    assert_eq!(words(&check(&camel)), [""; 0]);
    let mut snake = faulty();
    for (camel, other) in [
        ("resourceSpans", "resource_spans"),
        ("scopeSpans", "scope_spans"),
        ("traceId", "trace_id"),
        ("spanId", "span_id"),
        ("startTimeUnixNano", "start_time_unix_nano"),
        ("endTimeUnixNano", "end_time_unix_nano"),
        ("stringValue", "string_value"),
        ("arrayValue", "array_value"),
    ] {
        snake = snake.replace(camel, other);
    }
    assert_eq!(words(&check(&snake)), missing());
    let numbers = chat()
        .member("startTimeUnixNano", json!(1.0))
        .member("endTimeUnixNano", json!(2))
        .with(key::GEN_AI_USAGE_INPUT_TOKENS, json!({ "intValue": 100 }))
        .with(
            key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
            json!({ "doubleValue": "0.25" }),
        )
        .member("unknown", json!({ "a": 1 }));
    assert_eq!(words(&check(&in_traces("", &[numbers]))), [""; 0]);
}

#[test]
fn a_broken_line_is_told_and_the_rest_is_checked() {
    let good = faulty();
    let half = &good[..good.len() / 2];
    let broken = violation("broken-json", "");
    for bad in [half, "no json", "{]", "{\"resourceSpans\":[", "\"", "\u{0}"] {
        let report = check(&format!("{good}\n{bad}\n{good}\n"));
        let expected = [missing(), vec![broken.clone()], missing()].concat();
        assert_eq!(words(&report), expected, "{bad}");
        assert_eq!(report.findings()[1].place.line, Some(2), "{bad}");
    }
    let mut bytes = good.clone().into_bytes();
    bytes.extend_from_slice(b"\n\xff\xfe\n");
    bytes.extend_from_slice(good.as_bytes());
    let mut checker = Checker::new(Options::default());
    checker.read("x", bytes.as_slice()).unwrap();
    let expected = [missing(), vec![violation("broken-text", "")], missing()].concat();
    assert_eq!(words(&checker.finish()), expected);
}

#[test]
fn what_is_no_otlp_is_told() {
    let told = |text: &str| {
        let report = check(text);
        assert!(
            report
                .findings()
                .iter()
                .all(|finding| finding.rule == "broken-otlp"),
            "{report}"
        );
        report
            .findings()
            .iter()
            .map(|finding| finding.message.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(told("{}"), [""; 0]);
    assert_eq!(told("7"), ["a document is a number, not an export request"]);
    assert_eq!(
        told(r#"{"a":1}"#),
        ["a document has none of resourceSpans, resourceLogs and resourceMetrics"]
    );
    assert_eq!(
        told(r#"{"resourceSpans":7}"#),
        ["resourceSpans is a number, not a list"]
    );
    assert_eq!(
        told(r#"{"resourceSpans":[{"scopeSpans":[{"spans":["x"]}]}]}"#),
        ["a member of spans is a string, not an object"]
    );
    let value = |value: Value| in_traces("", &[chat().with("http.x", value)]);
    assert_eq!(
        told(&value(json!({ "intValue": "CANARY" }))),
        ["a value is of no known type"]
    );
    assert_eq!(
        told(&value(json!("CANARY"))),
        ["a value is a string, not an object such as {stringValue}"]
    );
    let kind = in_traces(
        "",
        &[chat()
            .member("name", json!("chat gpt-4o"))
            .member("flags", json!(1))],
    );
    assert_eq!(told(&kind), [""; 0]);
}

#[test]
fn secrets_of_a_resource_are_found() {
    let secret = ["sk-ant-api03-", "Zq8Xw2Lk9Vb4Nm7Rt1Yp5Hs3Dj6Fg0CaQeUiOzTx"].concat();
    let resource = json!({ "attributes": [{ "key": "service.name", "value": text(&secret) }] });
    let line = json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [] }] }).to_string();
    assert_eq!(
        words(&check(&line)),
        [violation("unsafe", key::SERVICE_NAME)]
    );
}

/// Makes numbers that are the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap()
    }
}

/// Takes any bytes; one checker takes many inputs, since it is costly to make.
struct Survivor(Checker);

impl Survivor {
    fn new() -> Self {
        Self(Checker::new(Options::default()))
    }

    fn read(&mut self, bytes: &[u8]) {
        self.0.read("noise", bytes).unwrap();
    }

    fn finish(self) {
        assert!(!self.0.finish().to_string().is_empty());
    }
}

#[test]
fn no_input_stops_it() {
    let whole = format!("{}\n{}\n", faulty(), in_logs(&[details()]));
    let whole = whole.as_bytes();
    let mut survivor = Survivor::new();
    for end in (0..whole.len()).step_by(37) {
        survivor.read(&whole[..end]);
    }
    let mut noise = Noise(0x5eed);
    for _ in 0..300 {
        let mut bytes = whole.to_vec();
        for _ in 0..1 + noise.next() % 8 {
            let at = noise.next() % bytes.len();
            match noise.next() % 3 {
                0 => bytes[at] = noise.next() as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"{}[]\",:0\n\\"[noise.next() % 10]),
            }
        }
        survivor.read(&bytes);
    }
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..noise.next() % 300)
            .map(|_| noise.next() as u8)
            .collect();
        survivor.read(&bytes);
    }
    survivor.finish();
}

#[test]
fn every_member_may_be_of_every_type() {
    let document: Value = serde_json::from_str(&in_traces("", &[chat()])).unwrap();
    let mut paths = Vec::new();
    walk(&document, String::new(), &mut paths);
    assert!(paths.len() > 50, "{}", paths.len());
    let mut survivor = Survivor::new();
    for path in paths {
        for other in [
            Value::Null,
            json!(true),
            json!(-1),
            json!(1e300),
            json!("x"),
            json!([[]]),
            json!({ "a": {} }),
        ] {
            let mut changed = document.clone();
            *changed.pointer_mut(&path).unwrap() = other;
            survivor.read(changed.to_string().as_bytes());
        }
    }
    survivor.finish();
}

fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{path}/{index}"), paths);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                walk(value, format!("{path}/{name}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

#[test]
fn deep_nesting_is_no_trap() {
    let mut survivor = Survivor::new();
    survivor.read(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes());
    survivor.read("{\"resourceSpans\":".repeat(50_000).as_bytes());
    survivor.finish();
}
