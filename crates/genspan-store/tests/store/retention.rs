//! What is too old or too much goes, and nothing else does.

use std::{path::Path, sync::Arc, time::Duration};

use genspan_store::{
    Filter, Forget, Forgotten, Limit, LogFilter, MetricFilter, Options, Page, Retention, Store,
};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    logs::v1::LogRecord,
    metrics::v1::{
        Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
    },
};
use testkit::ManualClock;

use crate::build::*;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn now() -> i64 {
    i64::try_from(NOW / 1_000).unwrap()
}

/// Opens a store whose clock goes a little further with each request.
fn keeping(folder: &Path, age: Limit<Duration>, bytes: Limit<u64>) -> Store {
    let retention = Retention {
        age: Some(age),
        bytes: Some(bytes),
    };
    let clock = ManualClock::at(NOW / 1_000_000_000).stepping(Duration::from_millis(1));
    let options = Options {
        retention,
        clock: Arc::new(clock),
        ..options()
    };
    Store::open(&folder.join("spans.db"), options).unwrap()
}

fn lone(number: u64, length: usize) -> LogRecord {
    LogRecord {
        time_unix_nano: NOW + number,
        body: Some(text(&noise(number, length))),
        ..LogRecord::default()
    }
}

fn metrics(number: u64, length: usize) -> ExportMetricsServiceRequest {
    let point = NumberDataPoint {
        time_unix_nano: NOW + number,
        value: Some(number_data_point::Value::AsInt(7)),
        ..NumberDataPoint::default()
    };
    let metric = Metric {
        name: "queue.length".to_owned(),
        description: noise(number, length),
        data: Some(metric::Data::Gauge(Gauge {
            data_points: vec![point],
        })),
        ..Metric::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![metric],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

fn traces(store: &Store) -> usize {
    let page = Page {
        limit: 500,
        before: None,
    };
    store.traces(&Filter::default(), page).unwrap().traces.len()
}

#[test]
fn logs_that_fill_a_store_go_and_traces_that_came_later_stay() {
    let folder = folder("retention-logs");
    let store = keeping(&folder, Limit::Off, Limit::At(1_500_000));
    for part in 0..10 {
        let logs = (part * 10..part * 10 + 10).map(|number| lone(number, 20_000));
        store.ingest_logs(&log_request(logs.collect())).unwrap();
    }
    for trace in 0..10 {
        take(
            &store,
            vec![chat(trace, trace, vec![message("user", "hi")], "ho")],
        );
    }
    let gone = store.retain(now()).unwrap();
    assert_eq!((gone.traces, traces(&store)), (0, 10), "{gone:?}");
    assert!((20..90).contains(&gone.log_records), "{gone:?}");
    // Below its bound, nothing more goes.
    assert_eq!(store.retain(now()).unwrap(), Forgotten::default());
    let newest = store.logs(&LogFilter::default(), Page::default()).unwrap();
    assert!(!newest.logs.is_empty());
}

#[test]
fn metrics_that_fill_a_store_go_and_traces_that_came_later_stay() {
    let folder = folder("retention-metrics");
    let store = keeping(&folder, Limit::Off, Limit::At(1_500_000));
    for number in 0..100 {
        store.ingest_metrics(&metrics(number, 20_000)).unwrap();
    }
    for trace in 0..10 {
        take(
            &store,
            vec![chat(trace, trace, vec![message("user", "hi")], "ho")],
        );
    }
    let before = store.revision();
    let gone = store.retain(now()).unwrap();
    assert_eq!((gone.traces, traces(&store)), (0, 10), "{gone:?}");
    assert!(store.revision() > before);
    let left = store.metrics(&MetricFilter::default()).unwrap();
    assert!(!left.metrics.is_empty());
    let before = store.revision();
    store.retain(now()).unwrap();
    assert_eq!(store.revision(), before);
}

#[test]
fn of_all_kinds_what_came_first_goes() {
    let folder = folder("retention-mixed");
    let store = keeping(&folder, Limit::Off, Limit::At(1_500_000));
    for number in 0..40 {
        let said = message("user", &noise(number, 20_000));
        take(&store, vec![chat(number, number, vec![said], "ho")]);
        let log = lone(1_000 + number, 20_000);
        store.ingest_logs(&log_request(vec![log])).unwrap();
        store
            .ingest_metrics(&metrics(2_000 + number, 20_000))
            .unwrap();
    }
    let gone = store.retain(now()).unwrap();
    assert!((8..36).contains(&gone.traces), "{gone:?}");
    assert!(gone.log_records.abs_diff(gone.traces) <= 1, "{gone:?}");
    assert!(gone.metrics.abs_diff(gone.traces) <= 1, "{gone:?}");
    for number in 0..40 {
        let is_there = store.trace(&trace_id(number)).unwrap().is_some();
        assert_eq!(is_there, number >= gone.traces, "{number} of {gone:?}");
    }
}

/// What a file notes of what is still to be wiped.
fn noted(folder: &Path) -> Option<i64> {
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    connection
        .query_row("SELECT max(due) FROM chore", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn what_was_let_go_is_overwritten_once_a_day_or_with_the_next_thing_that_is_forgotten() {
    let folder = folder("retention-daily");
    let store = keeping(&folder, Limit::At(Duration::from_secs(60)), Limit::Off);
    let told = |trace| {
        let said = message("user", &format!("zq{trace}canary"));
        take(&store, vec![chat(trace, trace, vec![said], "ho")]);
    };
    let is_left = |trace| holds(&bytes(&folder), &format!("{trace}canary"));
    let hour = 60 * 60 * 1_000_000;
    told(1);
    // Where nothing goes, nothing is to be done later either.
    assert_eq!(store.retain(now()).unwrap(), Forgotten::default());
    assert_eq!(noted(&folder), None);
    assert_eq!(store.retain(now() + hour).unwrap().traces, 1);
    assert!(is_left(1));
    // What goes later does not put it off.
    told(2);
    assert_eq!(store.retain(now() + 2 * hour).unwrap().traces, 1);
    assert!(is_left(1) && is_left(2));
    assert_eq!(noted(&folder), Some(now() + hour + DAY));
    assert_eq!(
        store.retain(now() + hour + DAY).unwrap(),
        Forgotten::default()
    );
    assert!(!is_left(1) && !is_left(2));
    assert_eq!(noted(&folder), None);
    // Who forgets something that was let go finds no word of it.
    told(3);
    assert_eq!(store.retain(now() + 2 * DAY).unwrap().traces, 1);
    assert!(is_left(3));
    let unknown = store.forget(&Forget::Trace(trace_id(3))).unwrap();
    assert_eq!(unknown, Forgotten::default());
    assert!(!is_left(3));
    assert_eq!(noted(&folder), None);
}
