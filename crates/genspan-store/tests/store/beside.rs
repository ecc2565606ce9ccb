//! Log records, in a list of their own.

use genspan_store::{LogFilter, Page, Severity, Store};
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::KeyValue,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
};
use prost::Message;
use serde_json::{Value as Json, json};

use crate::build::*;

const SECOND: u64 = 1_000_000_000;

/// A record that says its name, so many seconds after [`NOW`].
fn record(name: &str, second: u64) -> LogRecord {
    LogRecord {
        time_unix_nano: NOW + second * SECOND,
        event_name: name.to_owned(),
        ..LogRecord::default()
    }
}

fn resource(service: &str) -> Option<Resource> {
    Some(Resource {
        attributes: vec![attribute("service.name", text(service))],
        ..Resource::default()
    })
}

fn take_logs(store: &Store, service: &str, log_records: Vec<LogRecord>) {
    let request = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: resource(service),
            scope_logs: vec![ScopeLogs {
                log_records,
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    };
    store.ingest_logs(&request).unwrap();
}

/// Five records of two programs, one in a trace that is there and one in a trace of which nothing else came.
fn kept(name: &str) -> Store {
    let store = open(name);
    take(
        &store,
        vec![
            chat(1, 0, vec![message("user", "Hi")], "Hello")
                .with_text("gen_ai.conversation.id", "s1"),
        ],
    );
    let attributes = |list: &[(&str, &str)]| -> Vec<KeyValue> {
        let list = list.iter();
        list.map(|(key, value)| attribute(key, text(value)))
            .collect()
    };
    take_logs(
        &store,
        "claude-code",
        vec![
            LogRecord {
                body: Some(text("claude_code.api_request")),
                attributes: attributes(&[
                    ("event.name", "api_request"),
                    ("session.id", "s1"),
                    ("user.id", "u1"),
                    ("model", "claude-sonnet-4-5"),
                    ("cost_usd", "0.02"),
                ]),
                ..record("", 1)
            },
            LogRecord {
                body: Some(text("The disk is\n  nearly full")),
                severity_number: 13,
                severity_text: "WARNING".to_owned(),
                observed_time_unix_nano: NOW + 9 * SECOND,
                trace_id: trace_id(1).0.to_vec(),
                span_id: span_id(0).0.to_vec(),
                ..record("disk", 3)
            },
        ],
    );
    take_logs(
        &store,
        "codex",
        vec![
            LogRecord {
                severity_number: 17,
                attributes: attributes(&[
                    ("conversation.id", "s2"),
                    ("reason", "Zeitüberschreitung"),
                ]),
                ..record("codex.api_error", 2)
            },
            LogRecord {
                trace_id: trace_id(9).0.to_vec(),
                body: Some(map(vec![("step", text("compile"))])),
                ..record("codex.step", 4)
            },
            record("codex.quiet", 0),
        ],
    );
    store
}

fn rows(store: &Store, filter: &LogFilter) -> Vec<Json> {
    let page = store.logs(filter, Page::default()).unwrap();
    assert_eq!(page.next, None);
    let rows = page.logs.iter();
    rows.map(|row| serde_json::to_value(row).unwrap()).collect()
}

#[test]
fn all_records_are_listed_the_latest_first() {
    let store = kept("logs-list");
    let shown: Vec<String> = rows(&store, &LogFilter::default())
        .iter()
        .map(|row| {
            let word = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
            let trace = match (&row["traceId"], &row["hasTrace"]) {
                (Json::String(_), Json::Bool(true)) => "trace",
                (Json::String(_), _) => "unknown trace",
                _ => "no trace",
            };
            format!(
                "{} {} {} {} {trace} | {}",
                word("name"),
                word("service"),
                word("severity"),
                word("conversationId"),
                word("text")
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    codex.step codex - - unknown trace | {"step":"compile"}
    disk claude-code warn - trace | The disk is nearly full
    codex.api_error codex error s2 no trace | reason=Zeitüberschreitung
    api_request claude-code - s1 no trace | model=claude-sonnet-4-5 cost_usd=0.02
    codex.quiet codex - - no trace |
    "#);
}

/// Reads a filter such as `service=codex; since=2`; moments are seconds after [`NOW`].
fn filter(words: &str) -> LogFilter {
    let mut filter = LogFilter::default();
    for word in words.split("; ") {
        let (name, value) = word.split_once('=').unwrap();
        let text = Some(value.to_owned());
        let moment =
            || Some(i64::try_from((NOW + value.parse::<u64>().unwrap() * SECOND) / 1_000).unwrap());
        match name {
            "service" => filter.service = text,
            "name" => filter.name = text,
            "severity" => filter.severity = Some(value.parse().unwrap()),
            "conversation" => filter.conversation = text,
            "trace" => filter.trace = Some(trace_id(value.parse().unwrap())),
            "alone" => filter.is_alone = true,
            "since" => filter.since_micros = moment(),
            "until" => filter.until_micros = moment(),
            "text" => filter.text = text,
            other => panic!("{other}"),
        }
    }
    filter
}

#[test]
fn records_are_found_by_all_that_they_say() {
    let store = kept("logs-filters");
    for (words, want) in [
        ("service=codex", "codex.step codex.api_error codex.quiet"),
        ("name=api_request", "api_request"),
        ("severity=warn", "disk codex.api_error"),
        ("severity=error", "codex.api_error"),
        ("conversation=s2", "codex.api_error"),
        ("trace=1", "disk"),
        ("alone=1", "codex.api_error api_request codex.quiet"),
        ("since=2; until=4", "disk codex.api_error"),
        ("text=ZEITÜBER", "codex.api_error"),
        ("text=\"nearly full\" disk", "disk"),
        ("text=compile nowhere", ""),
        ("text=\"disk is nearly\"", "disk"),
        ("service=codex; severity=error; alone=1", "codex.api_error"),
    ] {
        let found = rows(&store, &filter(words));
        let names: Vec<&str> = found
            .iter()
            .map(|row| row["name"].as_str().unwrap())
            .collect();
        assert_eq!(names.join(" "), want, "{words}");
    }
    let found = rows(&store, &filter("text=u1"));
    assert!(found[0]["text"].as_str().unwrap().contains("user.id=u1"));
    assert!("loud".parse::<Severity>().is_err());
    let facets = store.log_facets().unwrap();
    assert_eq!(facets.services, ["claude-code", "codex"]);
    assert_eq!(facets.names.len(), 5);
}

#[test]
fn a_record_shows_all_that_it_says() {
    let store = kept("logs-detail");
    let list = store.logs(&LogFilter::default(), Page::default()).unwrap();
    let by_name = |name: &str| {
        let row = list
            .logs
            .iter()
            .find(|row| row.name.as_deref() == Some(name));
        serde_json::to_value(store.log(row.unwrap().id).unwrap().unwrap()).unwrap()
    };
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(by_name("disk"), @r#"
        {
          "attributes": [],
          "body": "The disk is\n  nearly full",
          "hasConversation": false,
          "hasTrace": true,
          "id": 2,
          "name": "disk",
          "observedMicros": 1795000009000000,
          "resource": [
            {
              "key": "service.name",
              "value": "claude-code"
            }
          ],
          "scope": {
            "name": ""
          },
          "service": "claude-code",
          "severity": "warn",
          "severityText": "WARNING",
          "spanId": "0000000000000001",
          "text": "The disk is nearly full",
          "timeMicros": 1795000003000000,
          "traceId": "07070707070707070000000000000001"
        }
        "#);
    });
    let request = by_name("api_request");
    assert_eq!(
        (&request["hasConversation"], &request["hasTrace"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(by_name("codex.api_error")["hasConversation"], json!(false));
    assert_eq!(store.log(999).unwrap(), None);
}

#[test]
fn pages_follow_each_other_and_a_long_search_goes_on() {
    let store = open("logs-pages");
    let mut records: Vec<LogRecord> = (1..=5_200).map(|at| record("step", at)).collect();
    records.push(record("rare", 0));
    take_logs(&store, "worker", records);
    let (mut all, mut before) = (0, None);
    for _ in 0..6 {
        let page = store
            .logs(
                &LogFilter::default(),
                Page {
                    limit: 1_000,
                    before,
                },
            )
            .unwrap();
        all += page.logs.len();
        before = page.next.map(|next| next.parse().unwrap());
    }
    assert_eq!((all, before), (5_201, None));
    let rare = LogFilter {
        name: Some("rare".to_owned()),
        ..LogFilter::default()
    };
    let first = store.logs(&rare, Page::default()).unwrap();
    assert_eq!((first.logs.len(), first.looked_at), (0, 5_000));
    let before = first.next.map(|next| next.parse().unwrap());
    let second = store.logs(&rare, Page { limit: 5, before }).unwrap();
    assert_eq!(
        (second.logs.len(), second.looked_at, second.next),
        (1, 201, None)
    );
}

#[test]
fn a_part_of_the_list_ends_where_it_has_read_enough() {
    let store = open("logs-large");
    take_logs(&store, "worker", vec![record("short", 0)]);
    // Ten megabytes each, as a program sends them that writes files into its log.
    let large = LogRecord {
        body: Some(text(&"Lorem ipsum ".repeat(850_000))),
        ..record("large", 1)
    };
    let mut skeleton = vec![0];
    large.encode(&mut skeleton).unwrap();
    let connection = rusqlite::Connection::open(store.path()).unwrap();
    for number in 1..=5 {
        connection
            .execute(
                "INSERT INTO log (at, arrived, digest, skeleton, places)
                 SELECT at + ?1, arrived, ?1, ?2, places FROM log ORDER BY id LIMIT 1",
                rusqlite::params![number, skeleton],
            )
            .unwrap();
    }
    for (text, want) in [(None, [4, 2]), (Some("\"ipsum lorem\""), [4, 1])] {
        let filter = LogFilter {
            text: text.map(str::to_owned),
            ..LogFilter::default()
        };
        let first = store.logs(&filter, Page::default()).unwrap();
        let before = first.next.map(|next| next.parse().unwrap());
        assert!(before.is_some());
        let second = store.logs(&filter, Page { limit: 50, before }).unwrap();
        assert_eq!([first.logs.len(), second.logs.len()], want);
        assert_eq!((first.looked_at, second.looked_at), (4, 2));
        assert_eq!(second.next, None);
    }
    assert_eq!(store.log_facets().unwrap().names, ["large"]);
}

#[test]
fn records_of_a_trace_are_paged_by_their_moments() {
    let store = open("logs-of-trace");
    let of = |trace: u64, at| LogRecord {
        trace_id: trace_id(trace).0.to_vec(),
        ..record("step", at)
    };
    let records = (0..300).map(|number| of(number % 2, number * 7 % 300));
    take_logs(&store, "worker", records.collect());
    let (mut moments, mut before) = (Vec::new(), None);
    for _ in 0..3 {
        let page = store.logs(&filter("trace=1"), Page { limit: 60, before });
        let page = page.unwrap();
        moments.extend(page.logs.iter().map(|row| row.time_micros));
        before = page.next.map(|next| next.parse().unwrap());
    }
    assert_eq!((moments.len(), before), (150, None));
    assert!(moments.is_sorted_by(|one, other| one >= other));
}
