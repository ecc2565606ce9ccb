//! What is kept beside spans: log records in a list of their own, and metrics as series.

use genspan_store::{LogFilter, MetricFilter, Page, Severity, Store};
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest},
    common::v1::KeyValue,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    metrics::v1::{
        Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
        ScopeMetrics, Sum, metric::Data, number_data_point::Value,
    },
    resource::v1::Resource,
};
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

fn number(second: u64, start: u64, value: f64, model: &str) -> NumberDataPoint {
    NumberDataPoint {
        time_unix_nano: NOW + second * SECOND,
        start_time_unix_nano: NOW + start * SECOND,
        value: Some(Value::AsDouble(value)),
        attributes: vec![attribute("model", text(model))],
        ..NumberDataPoint::default()
    }
}

fn sum(name: &str, temporality: i32, data_points: Vec<NumberDataPoint>) -> Metric {
    Metric {
        name: name.to_owned(),
        unit: "tokens".to_owned(),
        description: "Tokens that were used".to_owned(),
        data: Some(Data::Sum(Sum {
            data_points,
            aggregation_temporality: temporality,
            is_monotonic: true,
        })),
        ..Metric::default()
    }
}

fn take_metrics(store: &Store, metrics: Vec<Metric>) {
    let request = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: resource("claude-code"),
            scope_metrics: vec![ScopeMetrics {
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    };
    store.ingest_metrics(&request).unwrap();
}

/// Writes each metric and its series with their values.
fn series(store: &Store, filter: &MetricFilter) -> String {
    let page = store.metrics(filter).unwrap();
    let mut told = Vec::new();
    for metric in &page.metrics {
        let figures = &metric.figures;
        told.push(format!(
            "{} {} total {:?} count {:?} last {:?}",
            metric.name, metric.kind, figures.total, figures.count, figures.last
        ));
        for one in &metric.series {
            let values: Vec<String> = one
                .values
                .iter()
                .map(|point| {
                    let second = point.at_micros / 1_000_000 - i64::try_from(NOW / SECOND).unwrap();
                    let count = point
                        .count
                        .map(|count| format!("×{count}"))
                        .unwrap_or_default();
                    format!("{second}s:{}{count}", point.value)
                })
                .collect();
            let label: Vec<String> = one
                .attributes
                .iter()
                .map(|it| format!("{}={}", it.key, it.value.as_str().unwrap()))
                .collect();
            told.push(format!("  {} {}", label.join(","), values.join(" ")));
        }
    }
    told.join("\n")
}

fn measured(name: &str) -> Store {
    let store = open(name);
    let (delta, cumulative) = (1, 2);
    let histogram = |second, count, sum: f64| HistogramDataPoint {
        time_unix_nano: NOW + second * SECOND,
        count,
        sum: Some(sum),
        ..HistogramDataPoint::default()
    };
    take_metrics(
        &store,
        vec![
            sum(
                "used",
                delta,
                vec![number(1, 0, 5.0, "a"), number(1, 0, 7.0, "b")],
            ),
            sum("seen", cumulative, vec![number(1, 0, 3.0, "a")]),
        ],
    );
    take_metrics(
        &store,
        vec![
            sum("used", delta, vec![number(2, 1, 1.0, "a")]),
            // The program begins anew after the second point.
            sum(
                "seen",
                cumulative,
                vec![number(2, 0, 10.0, "a"), number(5, 4, 2.0, "a")],
            ),
            Metric {
                name: "held".to_owned(),
                data: Some(Data::Gauge(Gauge {
                    data_points: vec![
                        number(1, 0, 4.0, "a"),
                        number(3, 0, 2.5, "a"),
                        number(4, 0, f64::NAN, "a"),
                    ],
                })),
                ..Metric::default()
            },
            Metric {
                name: "took".to_owned(),
                data: Some(Data::Histogram(Histogram {
                    data_points: vec![histogram(1, 2, 3.0), histogram(2, 0, 0.0)],
                    aggregation_temporality: delta,
                })),
                ..Metric::default()
            },
        ],
    );
    store
}

#[test]
fn metrics_are_series_whatever_their_points_count_from() {
    let store = measured("metrics");
    insta::assert_snapshot!(series(&store, &MetricFilter::default()), @"
    held gauge total None count None last Some(2.5)
      model=a 1s:4 3s:2.5
    seen counter total Some(12.0) count None last None
      model=a 1s:3 2s:7 5s:2
    took histogram total Some(3.0) count Some(2) last None
       1s:1.5×2 2s:0×0
    used counter total Some(13.0) count None last None
      model=a 1s:5 2s:1
      model=b 1s:7
    ");
    assert_eq!(
        store.metrics(&MetricFilter::default()).unwrap().services,
        ["claude-code"]
    );
}

#[test]
fn metrics_are_found_by_name_program_and_time() {
    let store = measured("metrics-filters");
    let own = |text: &str| Some(text.to_owned());
    let micros = |second: u64| Some(i64::try_from((NOW + second * SECOND) / 1_000).unwrap());
    let of = |filter: MetricFilter| series(&store, &filter);
    assert_eq!(
        of(MetricFilter {
            service: own("codex"),
            ..MetricFilter::default()
        }),
        ""
    );
    assert!(
        of(MetricFilter {
            text: own("TOKENS that"),
            ..MetricFilter::default()
        })
        .starts_with("seen counter")
    );
    // What was counted before the time that is asked for is not in its first point.
    let late = MetricFilter {
        name: own("seen"),
        since_micros: micros(2),
        until_micros: micros(5),
        ..MetricFilter::default()
    };
    assert_eq!(
        of(late),
        "seen counter total Some(7.0) count None last None\n  model=a 2s:7"
    );
}

#[test]
fn a_long_series_is_put_together_and_adds_up() {
    let store = open("metrics-long");
    let points = (1..=1_000).map(|at| number(at, at - 1, 1.0, "a"));
    take_metrics(&store, vec![sum("used", 1, points.collect())]);
    let page = store.metrics(&MetricFilter::default()).unwrap();
    let one = &page.metrics[0].series[0];
    assert_eq!(
        (one.figures.points, one.figures.total),
        (1_000, Some(1_000.0))
    );
    assert!(one.values.len() <= 120, "{}", one.values.len());
    let sum: f64 = one.values.iter().map(|point| point.value).sum();
    assert!((sum - 1_000.0).abs() < f64::EPSILON);
    assert!(!page.is_cut);
}
