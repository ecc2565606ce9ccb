//! Content: kept as it came but for secrets, shared, and shown whole.

use std::path::Path;

use genspan::Value;
use genspan_store::{Filter, Page};

use crate::build::*;

#[test]
fn what_comes_goes_out_as_it_came() {
    let store = open("as-it-came");
    let mut span = chat(
        1,
        1,
        vec![
            message("user", &"long ".repeat(400)),
            message("user", "short"),
        ],
        "x",
    )
    .with(
        "empty",
        opentelemetry_proto::tonic::common::v1::AnyValue::default(),
    )
    .with_text(
        "json",
        &format!("{{\"a\":[{}1]}}", "\"element\",".repeat(300)),
    )
    .with_text("llm.input_messages.0.message.content", &"flat ".repeat(90))
    .with_text("llm.input_messages.0.message.role", "user")
    .with_text("llm.input_messages.1.message.role", "user");
    span.events
        .push(opentelemetry_proto::tonic::trace::v1::span::Event {
            name: "note".to_owned(),
            time_unix_nano: NOW,
            attributes: vec![attribute("body", text(&"event ".repeat(200)))],
            ..Default::default()
        });
    let sent = request(vec![span]);
    store.ingest_traces(&sent).unwrap();
    assert_eq!(store.export(&trace_id(1)).unwrap().unwrap().traces, sent);
    assert_eq!(store.export(&trace_id(2)).unwrap(), None);
}

#[test]
fn secrets_are_nowhere() {
    let folder = folder("secrets");
    let store = open_at(&folder);
    let secret = [
        "sk-",
        "proj-",
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL",
    ]
    .concat();
    let mut span = chat(
        1,
        1,
        vec![message("user", &format!("my key is {secret}"))],
        &secret,
    )
    .with_text("authorization", "hunter2hunter2")
    .failed("authentication", &format!("bad key {secret}"));
    span.name = format!("chat {secret}");
    span.trace_state = format!("a={secret}");
    take(&store, vec![span]);
    let record = opentelemetry_proto::tonic::logs::v1::LogRecord {
        body: Some(text(&secret)),
        ..Default::default()
    };
    store.ingest_logs(&log_request(vec![record])).unwrap();
    store.close();
    let bytes = bytes(&folder);
    assert!(!holds(&bytes, &secret[8..]) && !holds(&bytes, "hunter2"));
    assert!(holds(&bytes, "[redacted:"));
}

#[test]
fn history_is_kept_once() {
    let (folder, empty) = (folder("shared"), folder("shared-nothing"));
    let store = open_at(&folder);
    open_at(&empty).close();
    let history: Vec<String> = (0..100).map(|seed| noise(seed, 2_000)).collect();
    let messages = |count: usize| {
        history[..count]
            .iter()
            .map(|text| message("user", text))
            .collect()
    };
    let json = |count: usize| {
        let list: Vec<String> = history[..count]
            .iter()
            .map(|text| {
                let text = Value::String(text.clone()).to_json();
                format!(r#"{{"role":"user","parts":[{{"type":"text","content":{text}}}]}}"#)
            })
            .collect();
        format!("[{}]", list.join(","))
    };
    let mut raw = 0;
    for turn in 0..50_u64 {
        let count = 2 * turn as usize + 1;
        raw += 2 * count * 2_000;
        take(
            &store,
            vec![
                chat(1, 2 * turn, messages(count), "ok"),
                chat(2, 2 * turn + 1, Vec::new(), "ok").with_text("my.messages", &json(count)),
            ],
        );
    }
    store.close();
    let bytes = |folder: &Path| std::fs::metadata(folder.join("spans.db")).unwrap().len();
    let size = (bytes(&folder) - bytes(&empty)) as usize;
    assert!(size * 8 < raw, "{size} bytes for {raw}");
}

#[test]
fn long_conversations_and_attributes_are_shown_whole() {
    let store = open("long");
    let history: Vec<_> = (0..4_000)
        .map(|n| {
            message(
                if n % 2 == 0 { "user" } else { "assistant" },
                &format!("turn {n} שלום 👩‍🚀"),
            )
        })
        .collect();
    let large = "ü".repeat(500_000);
    take(
        &store,
        vec![chat(1, 1, history.clone(), "<script>alert(1)</script>").with_text("large", &large)],
    );
    let detail = store.span(&trace_id(1), &span_id(1)).unwrap().unwrap();
    let input = detail.input.unwrap();
    assert_eq!(input.len(), 4_000);
    let last = input[3_999].to_json();
    assert!(last.contains("turn 3999 שלום 👩‍🚀"), "{last}");
    assert!(
        detail.output.unwrap()[0]
            .to_json()
            .contains("<script>alert(1)</script>")
    );
    let kept = detail
        .attributes
        .iter()
        .find(|found| found.key == "large")
        .unwrap();
    assert_eq!(kept.value, Value::String(large));
    assert_eq!(detail.curl, None, "no shell takes that");
    let row = &store
        .traces(&Filter::default(), Page::default())
        .unwrap()
        .traces[0];
    assert_eq!(row.last_user_message.as_deref(), Some("turn 3998 שלום 👩‍🚀"));
}

#[test]
fn log_records_are_events_of_their_span_whichever_came_first() {
    let store = open("logs");
    let record = |number: u64, body: &str| opentelemetry_proto::tonic::logs::v1::LogRecord {
        trace_id: trace_id(1).0.to_vec(),
        span_id: span_id(number).0.to_vec(),
        time_unix_nano: NOW + 5,
        event_name: "gen_ai.choice".to_owned(),
        body: Some(text(body)),
        attributes: vec![attribute("n", text("1"))],
        ..Default::default()
    };
    let early = log_request(vec![record(1, "early"), record(2, "another's")]);
    for _ in 0..2 {
        assert_eq!(store.ingest_logs(&early).unwrap().accepted, 2);
    }
    store.settle().unwrap();
    assert_eq!(
        store
            .traces(&Filter::default(), Page::default())
            .unwrap()
            .traces,
        []
    );
    take(&store, vec![chat(1, 1, Vec::new(), "x")]);
    let detail = store.span(&trace_id(1), &span_id(1)).unwrap().unwrap();
    let events = serde_json::to_value(&detail.events).unwrap();
    assert_eq!(
        events,
        serde_json::json!([{
            "name": "gen_ai.choice", "timeMicros": NOW / 1_000,
            "attributes": [{"key": "n", "value": "1"}, {"key": "body", "value": "early"}]
        }])
    );
    let exported = store.export(&trace_id(1)).unwrap().unwrap();
    assert_eq!(exported.logs.resource_logs.len(), 2);
}

#[test]
fn what_cannot_be_kept_is_told() {
    let store = open("rejected");
    let mut bad = chat(1, 1, Vec::new(), "x");
    bad.trace_id = vec![1, 2, 3];
    let ingested = store
        .ingest_traces(&request(vec![bad, chat(1, 2, Vec::new(), "y")]))
        .unwrap();
    insta::assert_debug_snapshot!(ingested, @r#"
    Ingested {
        accepted: 1,
        rejected: 1,
        reason: "a span has a trace id of 3 bytes and a span id of 8: expected 16 and 8, not all zero",
    }
    "#);
}

#[test]
fn deeply_nested_values_do_no_harm() {
    let store = open("deep");
    let mut value = text("bottom");
    // As deep as protobuf is read.
    for _ in 0..90 {
        value = list(vec![value]);
    }
    let ingested = store.ingest_traces(&request(vec![span(1, 1, "deep").with("deep", value)]));
    assert_eq!(ingested.unwrap().accepted, 1);
    store.settle().unwrap();
    assert!(store.span(&trace_id(1), &span_id(1)).unwrap().is_some());
}

#[test]
fn messages_that_log_records_tell_are_shown_and_found() {
    use genspan_store::Store;
    let record = |name: &str, body| opentelemetry_proto::tonic::logs::v1::LogRecord {
        trace_id: trace_id(1).0.to_vec(),
        span_id: span_id(1).0.to_vec(),
        time_unix_nano: NOW,
        event_name: name.to_owned(),
        body: Some(body),
        ..Default::default()
    };
    let function = map(vec![
        ("name", text("find")),
        ("arguments", text("{\"to\":\"Oslo\"}")),
    ]);
    let call = map(vec![("id", text("call_1")), ("function", function)]);
    let answer = map(vec![
        ("role", text("assistant")),
        ("tool_calls", list(vec![call])),
    ]);
    let logs = log_request(vec![
        record(
            "gen_ai.user.message",
            map(vec![("content", text("a ferry, please"))]),
        ),
        record(
            "gen_ai.choice",
            map(vec![
                ("finish_reason", text("tool_calls")),
                ("message", answer),
            ]),
        ),
    ]);
    let call = || {
        request_of(
            "opentelemetry.instrumentation.openai_v2",
            vec![span(1, 1, "chat gpt-4o").with_text("gen_ai.operation.name", "chat")],
        )
    };
    type Send<'a> = Box<dyn Fn(&Store) + 'a>;
    let sends: [Send<'_>; 2] = [
        Box::new(|store| assert_eq!(store.ingest_traces(&call()).unwrap().accepted, 1)),
        Box::new(|store| assert_eq!(store.ingest_logs(&logs).unwrap().accepted, 2)),
    ];
    for (name, order) in [("told-late", [0, 1]), ("told-early", [1, 0])] {
        let store = open(name);
        for at in order {
            sends[at](&store);
        }
        store.settle().unwrap();
        let detail = store.span(&trace_id(1), &span_id(1)).unwrap().unwrap();
        let said = serde_json::json!([detail.input.unwrap(), detail.output.unwrap()]);
        assert_eq!(
            said,
            serde_json::json!([
                [{"role": "user", "parts": [{"type": "text", "content": "a ferry, please"}]}],
                [{"role": "assistant", "finish_reason": "tool_calls", "parts": [
                    {"type": "tool_call", "id": "call_1", "name": "find", "arguments": {"to": "Oslo"}}
                ]}]
            ])
        );
        let filter = Filter {
            text: Some("ferry".to_owned()),
            ..Filter::default()
        };
        let row = store
            .traces(&filter, Page::default())
            .unwrap()
            .traces
            .remove(0);
        assert_eq!(row.last_user_message.as_deref(), Some("a ferry, please"));
        assert_eq!(row.found.unwrap().snippet, "a ferry, please");
        assert_eq!(row.sources, ["opentelemetry"]);
    }
}
