//! The pipeline against collectors on loopback, with time in the test's hands.

mod collector;
mod end;
mod grpc;
mod http;
mod lines;
mod timer;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use genspan::{Clock, Timestamp};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};

use super::*;
use crate::{Endpoint, Item, Retry, Signal, request::Request};
use timer::{ManualTimer, Waits};

/// Longer than any test runs: nothing here waits for real time to pass.
const LONG: Duration = Duration::from_secs(3600);

const BATCH: Duration = Duration::from_secs(1);

/// The first wait for a destination that is away, with the tests' jitter.
const FIRST_RETRY: Duration = Duration::from_millis(500);

/// Stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_nanos(1_700_000_000_000_000_000)
    }
}

fn options() -> (PipelineOptions, Waits) {
    let (timer, waits) = ManualTimer::new();
    let retry = Retry {
        random: Arc::new(|| 0),
        ..Retry::default()
    };
    let options = PipelineOptions {
        timer: Arc::new(timer),
        clock: Arc::new(Still),
        retry,
        ..PipelineOptions::default()
    };
    (options, waits)
}

fn start(destination: &str, options: PipelineOptions) -> Pipeline {
    let lane = Lane::new(destination.parse().unwrap());
    Pipeline::start(vec![lane], options).unwrap()
}

/// Gives a path of this test's own, where nothing is.
fn fresh(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("genspan-otlp-{test}-{}", std::process::id()));
    drop(fs::remove_dir_all(&path));
    drop(fs::remove_file(&path));
    path
}

fn span(name: &str) -> Item {
    Item::Span(Box::new(Span {
        name: name.to_owned(),
        ..Span::default()
    }))
}

fn span_of(name: &str, bytes: usize) -> Item {
    let value = Some(AnyValue {
        value: Some(Value::StringValue("x".repeat(bytes))),
    });
    let attributes = vec![KeyValue {
        key: "content".to_owned(),
        value,
        key_strindex: 0,
    }];
    Item::Span(Box::new(Span {
        name: name.to_owned(),
        attributes,
        ..Span::default()
    }))
}

fn lost(report: &Report) -> Vec<(Signal, &'static str, u64)> {
    let lost = report
        .destinations
        .iter()
        .flat_map(|destination| &destination.lost);
    lost.map(|lost| (lost.signal, lost.reason.as_str(), lost.count))
        .collect()
}
