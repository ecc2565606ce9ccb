//! Metrics as series.

use genspan_store::{MetricFilter, Store, read::MetricPage};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::InstrumentationScope,
    metrics::v1::{
        ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint,
        Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data,
        number_data_point::Value,
    },
    resource::v1::Resource,
};
use prost::Message;

use crate::build::*;

const SECOND: u64 = 1_000_000_000;
const DELTA: i32 = 1;
const CUMULATIVE: i32 = 2;

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
    store.ingest_metrics(&told(&[], "", metrics)).unwrap();
}

/// Metrics of a program that says so of itself, made by a library.
fn told(own: &[(&str, &str)], scope: &str, metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    let own = own.iter().map(|(key, value)| attribute(key, text(value)));
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: std::iter::once(attribute("service.name", text("claude-code")))
                    .chain(own)
                    .collect(),
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(InstrumentationScope {
                    name: scope.to_owned(),
                    ..InstrumentationScope::default()
                }),
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

/// Writes each metric and its series with their values.
fn series(store: &Store, filter: &MetricFilter) -> String {
    shown(&store.metrics(filter).unwrap())
}

fn shown(page: &MetricPage) -> String {
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
                DELTA,
                vec![number(1, 0, 5.0, "a"), number(1, 0, 7.0, "b")],
            ),
            sum("seen", CUMULATIVE, vec![number(1, 0, 3.0, "a")]),
        ],
    );
    take_metrics(
        &store,
        vec![
            sum("used", DELTA, vec![number(2, 1, 1.0, "a")]),
            // The program begins anew after the second point.
            sum(
                "seen",
                CUMULATIVE,
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
                    aggregation_temporality: DELTA,
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
    take_metrics(&store, vec![sum("used", DELTA, points.collect())]);
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

/// Histograms of either kind, cumulative: how many values, and their sum.
fn histograms(second: u64, start: u64, count: u64, sum: f64) -> Vec<Metric> {
    let (time_unix_nano, start_time_unix_nano) = (NOW + second * SECOND, NOW + start * SECOND);
    let plain = Data::Histogram(Histogram {
        data_points: vec![HistogramDataPoint {
            time_unix_nano,
            start_time_unix_nano,
            count,
            sum: Some(sum),
            ..HistogramDataPoint::default()
        }],
        aggregation_temporality: CUMULATIVE,
    });
    let exponential = Data::ExponentialHistogram(ExponentialHistogram {
        data_points: vec![ExponentialHistogramDataPoint {
            time_unix_nano,
            start_time_unix_nano,
            count,
            sum: Some(sum),
            ..ExponentialHistogramDataPoint::default()
        }],
        aggregation_temporality: CUMULATIVE,
    });
    let both = [("plain", plain), ("exponential", exponential)].into_iter();
    both.map(|(name, data)| Metric {
        name: name.to_owned(),
        data: Some(data),
        ..Metric::default()
    })
    .collect()
}

#[test]
fn processes_that_count_for_themselves_add_up() {
    let instances = |one: &'static str, other: &'static str| {
        [one, other].map(|id| vec![("service.instance.id", id)])
    };
    let hosts = ["7", "8"].map(|pid| vec![("host.name", "desk"), ("process.pid", pid)]);
    let wholes = ["blue", "green"].map(|color| vec![("color", color)]);
    for (name, own, scopes, starts) in [
        ("instances", instances("a", "b"), ["", ""], [0, 0]),
        ("hosts", hosts, ["", ""], [0, 0]),
        ("wholes", wholes, ["", ""], [0, 0]),
        ("libraries", instances("a", "a"), ["one", "other"], [0, 0]),
        ("beginnings", instances("a", "a"), ["", ""], [0, 1]),
    ] {
        let store = open(&format!("metrics-{name}"));
        for at in 1..=60_u32 {
            for (worker, (own, scope)) in own.iter().zip(scopes).enumerate() {
                let value = if at == 60 {
                    700.0
                } else {
                    f64::from(at) * 10.0
                };
                let (second, start) = (u64::from(at) * 10 + worker as u64, starts[worker]);
                let mut metrics = histograms(second, start, u64::from(at), value);
                let point = number(second, start, value, "m");
                metrics.push(sum("seen", CUMULATIVE, vec![point]));
                store.ingest_metrics(&told(own, scope, metrics)).unwrap();
            }
        }
        let page = store.metrics(&MetricFilter::default()).unwrap();
        let told: Vec<_> = page
            .metrics
            .iter()
            .map(|metric| {
                let values = metric.series.iter().flat_map(|one| &one.values);
                assert!(values.clone().all(|point| point.value > 0.0), "{name}");
                (
                    metric.name.as_str(),
                    metric.figures.total,
                    metric.figures.count,
                    metric.figures.points,
                    metric.series.len(),
                )
            })
            .collect();
        let want = [
            ("exponential", Some(1_400.0), Some(120), 120, 1),
            ("plain", Some(1_400.0), Some(120), 120, 1),
            ("seen", Some(1_400.0), None, 120, 1),
        ];
        assert_eq!(told, want, "{name}");
    }
}

#[test]
fn gauges_of_several_processes_are_series_of_their_own() {
    let store = open("metrics-gauges");
    for (second, id, value) in [(1, "a", 4.0), (2, "b", 90.0), (3, "a", 5.0), (4, "b", 91.0)] {
        let gauge = Metric {
            name: "held".to_owned(),
            data: Some(Data::Gauge(Gauge {
                data_points: vec![number(second, 0, value, "m")],
            })),
            ..Metric::default()
        };
        let own = [("service.instance.id", id), ("host.name", "desk")];
        store
            .ingest_metrics(&told(&own, "meter", vec![gauge]))
            .unwrap();
    }
    insta::assert_snapshot!(series(&store, &MetricFilter::default()), @"
    held gauge total None count None last None
      model=m,service.instance.id=b 2s:90 4s:91
      model=m,service.instance.id=a 1s:4 3s:5
    ");
}

#[test]
fn what_begins_anew_comes_late_or_comes_twice_is_counted_once() {
    let store = open("metrics-order");
    let seen = |points: &[(u64, u64, f64)]| {
        let points = points
            .iter()
            .map(|(second, start, value)| number(*second, *start, *value, "m"));
        vec![sum("seen", CUMULATIVE, points.collect())]
    };
    // Two beginnings of which the later one has begun before the earlier one's last point came, and a late point.
    take_metrics(&store, seen(&[(10, 1, 5.0), (30, 1, 8.0)]));
    take_metrics(&store, seen(&[(25, 22, 2.0), (35, 22, 4.0)]));
    take_metrics(&store, seen(&[(20, 1, 7.0), (30, 1, 8.0)]));
    take_metrics(&store, seen(&[(30, 1, 8.0), (35, 22, 4.0), (35, 22, 4.0)]));
    insta::assert_snapshot!(series(&store, &MetricFilter::default()), @"
    seen counter total Some(12.0) count None last None
      model=m 10s:5 20s:2 25s:2 30s:1 35s:2
    ");
    // One that does not say when it began, and begins anew.
    let store = open("metrics-silent");
    let silent = |second, value| NumberDataPoint {
        start_time_unix_nano: 0,
        ..number(second, 0, value, "m")
    };
    let points = vec![
        silent(1, 5.0),
        silent(2, 9.0),
        silent(3, 2.0),
        silent(4, 3.0),
    ];
    take_metrics(&store, vec![sum("seen", CUMULATIVE, points)]);
    insta::assert_snapshot!(series(&store, &MetricFilter::default()), @"
    seen counter total Some(12.0) count None last None
      model=m 1s:5 2s:4 3s:2 4s:1
    ");
}

#[test]
fn differences_add_up_whoever_tells_them() {
    let store = open("metrics-delta");
    for (turn, (second, id, value)) in (0_u32..).zip([
        (1, "a", 5.0),
        (2, "b", 7.0),
        (3, "a", 1.0),
        (4, "b", 2.0),
        (4, "b", 2.0),
        (3, "b", 3.0),
    ]) {
        let used = sum("used", DELTA, vec![number(second, second - 1, value, "m")]);
        // Beside it something else each time: a point that comes again comes in another request.
        let other = sum(
            "other",
            DELTA,
            vec![number(second, 0, f64::from(turn), "m")],
        );
        let own = [("service.instance.id", id)];
        let request = told(&own, "", vec![used, other]);
        store.ingest_metrics(&request).unwrap();
    }
    let filter = MetricFilter {
        name: Some("used".to_owned()),
        ..MetricFilter::default()
    };
    insta::assert_snapshot!(series(&store, &filter), @"
    used counter total Some(18.0) count None last None
      model=m 1s:5 2s:7 3s:1 3s:3 4s:2
    ");
}

#[test]
fn counts_that_no_number_holds_are_as_large_as_can_be() {
    let store = open("metrics-overflow");
    for (second, id) in [(1, "a"), (2, "a"), (3, "b")] {
        let point = |second| HistogramDataPoint {
            time_unix_nano: NOW + second * SECOND,
            start_time_unix_nano: NOW + (second - 1) * SECOND,
            count: u64::MAX,
            sum: Some(1.0),
            attributes: vec![attribute("id", text(id))],
            ..HistogramDataPoint::default()
        };
        let metric = Metric {
            name: "took".to_owned(),
            data: Some(Data::Histogram(Histogram {
                data_points: vec![point(second)],
                aggregation_temporality: DELTA,
            })),
            ..Metric::default()
        };
        take_metrics(&store, vec![metric]);
    }
    let page = store.metrics(&MetricFilter::default()).unwrap();
    let metric = &page.metrics[0];
    assert_eq!(metric.figures.count, Some(u64::MAX));
    assert_eq!(metric.series.len(), 2);
    assert_eq!(metric.series[1].figures.count, Some(u64::MAX));
}

#[test]
fn a_page_ends_where_it_has_read_enough() {
    let store = open("metrics-large");
    let connection = rusqlite::Connection::open(store.path()).unwrap();
    for second in 1..=3_u32 {
        let moment = u64::from(second);
        let mut metric = sum("seen", DELTA, vec![number(moment, moment - 1, 1.0, "m")]);
        // Thirty megabytes, as it is allowed.
        metric.description = "long ".repeat(6 << 20);
        let mut body = vec![0];
        told(&[], "", vec![metric]).encode(&mut body).unwrap();
        connection
            .execute(
                "INSERT INTO metric (arrived, digest, body) VALUES (0, ?1, ?2)",
                rusqlite::params![second, body],
            )
            .unwrap();
    }
    let page = store.metrics(&MetricFilter::default()).unwrap();
    assert!(page.is_cut);
    assert_eq!(page.metrics[0].figures.points, 2);
}
