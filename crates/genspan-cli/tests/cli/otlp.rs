//! OTLP files, as `export` and collectors write them.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::{
    har::spans,
    place::{Place, Ran},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A line of one call, under a resource and a scope of its own.
fn call(span: u32, text: &str) -> String {
    let attributes = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "gpt-4o-mini"),
        ("app.note", text),
    ];
    let attributes: Vec<Value> = attributes
        .into_iter()
        .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
        .collect();
    let span = json!({"traceId": TRACE, "spanId": format!("{span:016x}"), "name": "chat gpt-4o-mini", "kind": 3,
        "startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225601000000000", "attributes": attributes});
    json!({"resourceSpans": [{"resource": resource("shop"), "scopeSpans": [{"scope": {"name": "app"}, "spans": [span]}]}]})
        .to_string()
}

fn resource(service: &str) -> Value {
    json!({"attributes": [{"key": "service.name", "value": {"stringValue": service}}]})
}

/// A line of a log record that is in no trace.
fn log(text: &str) -> String {
    let record = json!({"timeUnixNano": "1767225602000000000", "severityNumber": 13, "body": {"stringValue": text}});
    json!({"resourceLogs": [{"resource": resource("shop"), "scopeLogs": [{"logRecords": [record]}]}]})
        .to_string()
}

/// A line of a metric.
fn metric(name: &str) -> String {
    let point = json!({"timeUnixNano": "1767225603000000000", "asInt": "42"});
    let metric = json!({"name": name, "gauge": {"dataPoints": [point]}});
    json!({"resourceMetrics": [{"resource": resource("shop"), "scopeMetrics": [{"metrics": [metric]}]}]})
        .to_string()
}

fn mixed() -> String {
    let lines = [
        call(1, "one"),
        log("The disk is nearly full"),
        metric("queue.length"),
        call(2, "two"),
    ];
    lines.join("\n") + "\n"
}

fn import(place: &Place, args: &[&str]) -> Ran {
    place.run(&[&["import", "otlp"], args].concat())
}

/// Tells all that a store has: its traces as OTLP, its log records and its metrics.
fn kept(place: &Place, store: &str) -> [String; 3] {
    let commands: [&[&str]; 3] = [
        &["export", "--all"],
        &["query", "--logs", "--json"],
        &["query", "--metrics", "--json"],
    ];
    commands.map(|command| {
        let ran = place.run(&[command, &["--store", store]].concat());
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.stderr);
        ran.stdout
    })
}

#[test]
fn what_was_exported_is_the_same_when_it_was_imported() {
    let place = Place::new("otlp-round");
    assert_eq!(place.run(&["demo"]).code, 0);
    let exported = place.run(&["export", "--all", "-o", "all.jsonl"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    let ran = import(&place, &["all.jsonl", "--store", "other.db"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert_eq!(
        ran.stderr,
        "2 lines read from 1 file: 8 spans, 1 log record; 0 unreadable\n"
    );
    let [again, ..] = kept(&place, "other.db");
    assert_eq!(again, place.read("all.jsonl"));
    let shown = place.run(&["show"]).stdout;
    assert_eq!(place.run(&["show", "--store", "other.db"]).stdout, shown);
}

#[test]
fn all_signals_are_found_again_and_twice_is_once() {
    let place = Place::new("otlp-mixed");
    place.write("all.jsonl", &mixed());
    let told =
        "4 lines read from 1 file: 2 spans, 1 log record, 1 metric data point; 0 unreadable\n";
    let ran = import(&place, &["all.jsonl", "--store", "s.db"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, told));
    let once = kept(&place, "s.db");
    let [traces, logs, metrics] = &once;
    assert_eq!(spans(traces).len(), 2);
    assert_eq!(logs.lines().count(), 1, "{logs}");
    assert!(logs.contains("The disk is nearly full"), "{logs}");
    assert_eq!(metrics.lines().count(), 1, "{metrics}");
    assert!(
        metrics.contains("queue.length") && metrics.contains("shop"),
        "{metrics}"
    );
    for files in [&["all.jsonl"][..], &["all.jsonl", "all.jsonl"]] {
        let ran = import(&place, &[files, &["--store", "s.db", "-q"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert_eq!(kept(&place, "s.db"), once);
    }
    // The usual store is the usual one.
    assert_eq!(import(&place, &["all.jsonl"]).code, 0);
    assert_eq!(kept(&place, "home/store.db"), once);
}

#[test]
fn a_line_that_cannot_be_read_costs_itself_alone() {
    let place = Place::new("otlp-damaged");
    let nameless = call(5, "x").replace(TRACE, "0af7");
    let lines = [
        call(1, "one"),
        "\0\0\0".to_owned(),
        String::new(),
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"na"#.to_owned(),
        log("Said"),
        "{\"log\":{\"entries\":[]}}".to_owned(),
        nameless,
        "{".to_owned(),
        metric("m"),
        "Buy milk.".to_owned(),
        // Cut off where a program was killed.
        r#"{"resourceMetrics":[{"resource":{"attributes":[]}"#.to_owned(),
    ];
    place.write("a.jsonl", &lines.join("\n"));
    place.write("b.jsonl", &call(3, "three"));
    let ran = import(&place, &["a.jsonl", "b.jsonl", "--store", "s.db"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.stderr, @"
    11 lines read from 2 files: 2 spans, 1 log record, 1 metric data point; 6 unreadable, 1 span left out
      a.jsonl, line 2: it is no OTLP/JSON: expected value, in column 1
      a.jsonl, line 4: it is cut off: EOF while parsing a string, in column 47
      a.jsonl, line 6: it is no OTLP/JSON: there is none of resourceSpans, resourceLogs and resourceMetrics in it
      a.jsonl, line 7: a span has a trace id of 2 bytes and a span id of 8, and is left out: expected 16 and 8, not all zero
      a.jsonl, line 8: a request goes on in the next line, and has to be in one: `jq -c . FILE` writes it so
      a.jsonl, line 10: it is no OTLP/JSON: expected value, in column 1
      a.jsonl, line 11: it is cut off: EOF while parsing an object, in column 49
    ");
    let [traces, logs, metrics] = kept(&place, "s.db");
    assert_eq!(spans(&traces).len(), 2, "{traces}");
    assert_eq!((logs.lines().count(), metrics.lines().count()), (1, 1));
    // Each is told, the first of many in the summary.
    place.write("c.jsonl", &"no JSON\n".repeat(12));
    let ran = import(&place, &["c.jsonl", "-v", "--store", "s.db"]);
    assert_eq!(ran.code, 1);
    let told = ran.stderr.matches("c.jsonl, line 12: unreadable").count();
    assert_eq!((told, ran.stderr.lines().count()), (1, 12 + 1 + 10 + 1));
    assert!(ran.stderr.ends_with("  and 2 more\n"), "{}", ran.stderr);
}

#[test]
fn compression_is_undone_and_standard_input_is_a_file() {
    let place = Place::new("otlp-packed");
    place.write("all.jsonl", &mixed());
    assert_eq!(import(&place, &["all.jsonl", "--store", "s.db"]).code, 0);
    let want = kept(&place, "s.db");
    let marked = format!("\u{feff}{}", mixed().replace('\n', "\r\n"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(marked.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(marked.as_bytes(), 1).unwrap();
    for (name, bytes) in [("gzip", &gzip), ("zstd", &zstd)] {
        std::fs::write(place.path(name), bytes).unwrap();
        let store = format!("{name}.db");
        let ran = import(&place, &[name, "--store", &store]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(kept(&place, &store), want);
        let store = format!("{name}-stdin.db");
        let args = ["import", "otlp", "-", "--store", &store];
        let ran = place.run_with_bytes(&args, &[], bytes);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(kept(&place, &store), want);
    }
    // Of a file that is cut, what stands before counts.
    let mut long = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    long.write_all(mixed().as_bytes()).unwrap();
    let long = long.finish().unwrap();
    std::fs::write(place.path("cut.gz"), &long[..long.len() - 200]).unwrap();
    let ran = import(&place, &["cut.gz", "--store", "cut.db"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.stderr, @"
    3 lines read from 1 file: 1 span, 1 log record, 1 metric data point; 0 unreadable
      cut.gz: it cannot be read on behind line 3: incomplete deflate stream
    ");
    assert_eq!(spans(&kept(&place, "cut.db")[0]).len(), 1);
}

#[test]
fn binary_files_are_told_with_what_would_do() {
    let place = Place::new("otlp-binary");
    // A request of one resource, by itself, behind its length, and compressed behind its length.
    let request = b"\x0a\x23\x0a\x21\x0a\x1f\x0a\x0cservice.name\x12\x0f\x0a\x0dunknown_thing";
    let length = u32::try_from(request.len()).unwrap().to_be_bytes();
    let packed = zstd::encode_all(&request[..], 1).unwrap();
    let mut told = String::new();
    for (name, bytes) in [
        ("raw.pb", request.to_vec()),
        ("messages.pb", [&length[..], &request[..]].concat()),
        ("packed.pb", [&length[..], &packed].concat()),
    ] {
        std::fs::write(place.path(name), bytes).unwrap();
        let ran = import(&place, &[name, "--store", "s.db"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
        told += ran.stderr.split_once('\n').unwrap().1;
    }
    insta::assert_snapshot!(told, @"
    raw.pb: it is OTLP in binary protobuf, where one request of OTLP/JSON a line is read; `genspan serve` takes it: `curl --data-binary @FILE -H 'content-type: application/x-protobuf' http://127.0.0.1:4318/v1/traces`, or `logs` or `metrics`
    messages.pb: it is OTLP in binary protobuf, as the Collector's file exporter writes with `format: proto`; `format: json` there gives what is read here
    packed.pb: it is compressed message by message, as the Collector's file exporter does with `compression: zstd`; without that, and with `format: json`, it gives what is read here, which may be compressed as a whole
    ");
    let ran = import(&place, &["gone.jsonl", "--store", "none.db"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .starts_with("genspan: gone.jsonl cannot be read: "),
        "{}",
        ran.stderr
    );
    assert!(!place.path("none.db").exists());
}

#[test]
fn secrets_are_replaced_wherever_it_goes() {
    let place = Place::new("otlp-secret");
    let key = [
        "sk-ant-",
        "api03-",
        "QqN4vX0c7Zb2mT9sLk3fYh8dRw5uJe1gAo6iPxCzVtBnMqKyWlSrDuHjEfGaI4",
    ]
    .concat();
    let lines = [
        call(1, &format!("It is {key}")),
        log(&format!("Sent {key}")),
        metric(&key),
    ];
    place.write("a.jsonl", &lines.join("\n"));
    let ran = import(&place, &["a.jsonl", "--store", "s.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let to = ["--to=file:out.jsonl", "--to=stdout", "--content"];
    let passed = import(&place, &[&["a.jsonl"][..], &to].concat());
    assert_eq!(passed.code, 0, "{}", passed.stderr);
    assert_eq!(passed.stdout, place.read("out.jsonl"));
    for text in kept(&place, "s.db").iter().chain([&passed.stdout]) {
        assert!(text.contains("redacted"), "{text}");
        assert!(!text.contains(&key), "{text}");
    }
    let bytes = std::fs::read(place.path("s.db")).unwrap();
    assert!(!bytes.windows(key.len()).any(|part| part == key.as_bytes()));
}

#[test]
fn it_is_passed_on_as_it_came_or_not_at_all() {
    let place = Place::new("otlp-to");
    place.write("all.jsonl", &mixed());
    let to_file = ["all.jsonl", "--content", "--to", "file:out.jsonl"];
    let ran = import(&place, &to_file);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let out = place.read("out.jsonl");
    let parsed = |text: &str| -> Vec<Value> {
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    // Both calls are in one line now.
    let [metrics, traces, logs] = &parsed(&out)[..] else {
        panic!("{out}")
    };
    let all = parsed(&mixed());
    assert_eq!((metrics, logs), (&all[2], &all[1]));
    let both = [&all[0], &all[3]].map(|line| line["resourceSpans"][0].clone());
    assert_eq!(traces["resourceSpans"], Value::from(both.to_vec()));
    assert_eq!(import(&place, &to_file).code, 0);
    assert_eq!(place.read("out.jsonl"), out, "it is written anew");

    let mut told = String::new();
    for to in [
        "file:out.jsonl",
        "store:s.db;content=none",
        "file:out.jsonl;content=span;dialect=openinference",
        "file:out.jsonl;content=span;conventions=main",
        "file:all.jsonl;content=span",
    ] {
        let ran = import(&place, &["all.jsonl", "--to", to]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{to}");
        told += &ran
            .stderr
            .replace(place.path("").to_str().unwrap(), "HERE/");
    }
    insta::assert_snapshot!(told, @"
    genspan: file:out.jsonl is to get no prompts and answers, and what an OTLP file holds goes on as it came; `--content`, or `;content=span` behind it, says that it may have them
    genspan: store:HERE/s.db is to get no prompts and answers, and what an OTLP file holds goes on as it came; without `;content=none` it may have them
    genspan: file:out.jsonl wants the dialect openinference, and what an OTLP file holds goes on as it came; send it to `store`, `file:`, `http:` or `grpc:` without that
    genspan: file:out.jsonl wants conventions main, and what an OTLP file holds goes on as it came; send it to `store`, `file:`, `http:` or `grpc:` without that
    genspan: all.jsonl is read and cannot be written at the same time; name another file with `--to`
    ");
    assert_eq!(place.read("out.jsonl"), out);
    assert_eq!(place.read("all.jsonl"), mixed());

    // One that the environment names is left out, and the store gets all.
    let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let args = ["import", "otlp", "all.jsonl"];
    let ran = place.run_with(&args, &[collector], "");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .starts_with("note: http://127.0.0.1:1 is to get no prompts"),
        "{}",
        ran.stderr
    );
    assert_eq!(spans(&kept(&place, "home/store.db")[0]).len(), 2);
}
