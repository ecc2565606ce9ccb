//! A store within the program: kept one request at a time, and kept for later where it cannot be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use genspan_otlp::{
    Destination, Endpoint, Item, Keeper, KeeperError, Lane, Pipeline, PipelineOptions, Request,
    Signal, StoreEndpoint,
};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data},
    trace::v1::Span,
};

/// Keeps names of spans while it is there.
#[derive(Debug, Default)]
struct Memory {
    is_away: bool,
    state: Mutex<(Vec<String>, usize)>,
}

impl Keeper for Memory {
    fn keep(&self, request: &Request) -> Result<u64, KeeperError> {
        if self.is_away {
            return Err("the disk is full".into());
        }
        let names: Vec<String> = match request {
            Request::Traces(request) => {
                let resources = request.resource_spans.iter();
                let scopes = resources.flat_map(|one| &one.scope_spans);
                let spans = scopes.flat_map(|scope| &scope.spans);
                spans.map(|span| span.name.clone()).collect()
            }
            Request::Logs(_) => panic!("nobody sends log records here"),
            Request::Metrics(request) => {
                let resources = request.resource_metrics.iter();
                let scopes = resources.flat_map(|one| &one.scope_metrics);
                let metrics = scopes.flat_map(|scope| &scope.metrics);
                metrics.map(|metric| metric.name.clone()).collect()
            }
        };
        self.state.lock().unwrap().0.extend(names);
        Ok(0)
    }

    fn rest(&self) -> Result<(), KeeperError> {
        self.state.lock().unwrap().1 += 1;
        Ok(())
    }
}

fn pipeline(keeper: &Arc<Memory>, spool: &Path) -> Pipeline {
    let keeper: Arc<dyn Keeper> = Arc::<Memory>::clone(keeper);
    let store = StoreEndpoint::new(Some("/x/store.db".into())).with_keeper(keeper);
    let options = PipelineOptions {
        spool: Some(spool.to_owned()),
        ..PipelineOptions::default()
    };
    Pipeline::start(
        vec![Lane::new(Destination::new(Endpoint::Store(store)))],
        options,
    )
    .unwrap()
}

fn span(name: &str) -> Item {
    Item::Span(Box::new(Span {
        name: name.to_owned(),
        ..Span::default()
    }))
}

fn spool(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&path));
    path
}

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn what_is_handed_over_is_kept_and_the_keeper_rests_at_the_end() {
    let keeper = Arc::new(Memory::default());
    let pipeline = pipeline(&keeper, &spool("store-kept"));
    assert!(pipeline.send(0, span("a")));
    assert!(pipeline.send(0, Item::Metric(Box::default())));
    assert!(pipeline.flush(PATIENCE).is_complete());
    assert!(pipeline.send(0, span("b")));
    let report = pipeline.shutdown(PATIENCE);
    assert_eq!(report.to_string(), "store:/x/store.db: 2 spans delivered");
    let state = keeper.state.lock().unwrap();
    assert_eq!(*state, (vec!["a".to_owned(), "b".to_owned()], 2));
}

#[test]
fn a_store_keeps_metrics_that_come_as_whole_requests() {
    let keeper = Arc::new(Memory::default());
    let pipeline = pipeline(&keeper, &spool("store-whole"));
    let gauge = Gauge {
        data_points: vec![NumberDataPoint::default()],
    };
    let metric = Metric {
        name: "m".to_owned(),
        data: Some(Data::Gauge(gauge)),
        ..Metric::default()
    };
    assert!(pipeline.send(0, Item::Metric(Box::new(metric.clone()))));
    let request = Request::Metrics(ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![metric],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    });
    assert!(pipeline.send_request(0, request));
    let report = pipeline.shutdown(PATIENCE);
    assert_eq!(
        report.to_string(),
        "store:/x/store.db: 1 metric data point delivered"
    );
    assert_eq!(keeper.state.lock().unwrap().0, ["m"]);
}

#[test]
fn what_could_not_be_kept_waits_on_disk_and_comes_first() {
    let spool = spool("store-away");
    let away = Arc::new(Memory {
        is_away: true,
        ..Memory::default()
    });
    let pipeline_away = pipeline(&away, &spool);
    assert!(pipeline_away.send(0, span("a")));
    let report = pipeline_away.shutdown(PATIENCE).destinations.remove(0);
    assert_eq!(report.spooled.of(Signal::Traces), 1);
    assert_eq!(report.trouble.as_deref(), Some("the disk is full"));

    let back = Arc::new(Memory::default());
    let pipeline_back = pipeline(&back, &spool);
    assert!(pipeline_back.send(0, span("b")));
    assert!(pipeline_back.shutdown(PATIENCE).is_complete());
    assert_eq!(back.state.lock().unwrap().0, ["a", "b"]);
}

#[test]
fn a_store_without_a_keeper_cannot_be_a_destination() {
    let destination: Destination = "store:x.db;content=span".parse().unwrap();
    assert_eq!(destination.to_string(), "store:x.db");
    let error = Pipeline::start(vec![Lane::new(destination)], PipelineOptions::default());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("with_keeper"), "{error}");
    assert!("store:".parse::<Destination>().is_err());
}
