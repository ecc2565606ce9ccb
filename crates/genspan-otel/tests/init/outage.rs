//! A destination that is away.

use std::{fs, sync::Arc, time::Duration};

use genspan::Provider;
use genspan_otlp::{PipelineOptions, Retry};
use testkit::collector::{Collector, Reply, Reserved};

use crate::{LONG, arrivals::Arrivals, from, to};

#[test]
fn what_was_recorded_while_it_was_away_arrives_once_when_it_is_back() {
    let reserved = Reserved::new();
    let retry = Retry {
        // Far enough that only a flush tries again.
        first: LONG,
        longest: LONG,
        random: Arc::new(|| 0),
    };
    let guard = from(&[])
        .with_destination(format!("http://{}", reserved.address))
        .with_delivery(PipelineOptions {
            retry,
            metrics_interval: LONG,
            ..PipelineOptions::default()
        })
        .init()
        .unwrap();
    guard.telemetry().chat(Provider::OPENAI, "first").finish();
    let report = guard.flush(LONG);
    assert_eq!((report.spooled, report.undelivered), (2, 0), "{report}");
    let collector = Collector::on(reserved, |_, _| Reply::Taken(Vec::new()));
    guard.telemetry().chat(Provider::OPENAI, "second").finish();
    let report = guard.shutdown(LONG);
    assert!(report.is_complete(), "{report}: {:?}", report.notes);
    assert_eq!(
        Arrivals::of(&collector).span_names(),
        ["chat first", "chat second"]
    );
}

#[test]
fn what_nobody_takes_until_the_end_is_told() {
    let reserved = Reserved::new();
    let guard = from(&[])
        .with_destination(format!("http://{}", reserved.address))
        .init()
        .unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    let report = guard.shutdown(LONG);
    assert_eq!((report.spooled, report.undelivered), (0, 2), "{report}");
    let note = report
        .notes
        .join("\n")
        .replace(&reserved.address.to_string(), "ADDRESS");
    assert!(
        note.starts_with("http://ADDRESS: nothing delivered; 1 span, 1 metric data point lost"),
        "{note}"
    );
}

#[test]
fn with_a_spool_the_next_run_delivers_it() {
    let reserved = Reserved::new();
    let spool = std::env::temp_dir().join(format!("genspan-otel-spool-{}", std::process::id()));
    drop(fs::remove_dir_all(&spool));
    let start = || {
        from(&[])
            .with_destination(format!("http://{}", reserved.address))
            .with_spool(&spool)
            .init()
            .unwrap()
    };
    let first = start();
    first.telemetry().chat(Provider::OPENAI, "first").finish();
    let report = first.shutdown(LONG);
    assert_eq!((report.spooled, report.undelivered), (2, 0), "{report}");
    let second = start();
    let collector = Collector::on(reserved, |_, _| Reply::Taken(Vec::new()));
    let report = second.shutdown(LONG);
    assert!(report.is_complete(), "{report}: {:?}", report.notes);
    assert_eq!(Arrivals::of(&collector).span_names(), ["chat first"]);
    fs::remove_dir_all(spool).unwrap();
}

#[test]
fn what_is_refused_is_told() {
    let collector = Collector::new(|_, _| Reply::Status(401, Vec::new()));
    let guard = to(&collector).init().unwrap();
    guard.telemetry().chat(Provider::OPENAI, "m").finish();
    let report = guard.shutdown(Duration::from_secs(5));
    assert_eq!(report.undelivered, 2, "{report}");
    assert!(report.notes[0].contains("401"), "{:?}", report.notes);
}
