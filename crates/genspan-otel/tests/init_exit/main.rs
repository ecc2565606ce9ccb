//! The ends of whole processes; this program is the parent, and the child with a role to play.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::exit,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../init/arrivals.rs"]
#[expect(dead_code, reason = "other tests read more of what arrives")]
mod arrivals;

use std::{env, process, time::Duration};

use genspan::Provider;
use opentelemetry::trace::Tracer;
use testkit::collector::Collector;

use arrivals::Arrivals;

/// A way to end, the code that the process ends with, and the spans that must have arrived by then.
const ENDS: [(&str, i32, &[&str]); 6] = [
    ("return", 0, &["own", "chat finished"]),
    ("panic", 101, &["own", "chat finished", "chat open"]),
    (
        "exit-after-shutdown",
        3,
        &["own", "chat finished", "chat open"],
    ),
    ("exit-after-flush", 3, &["own", "chat finished"]),
    ("inside-current-thread", 0, &["own", "chat finished"]),
    ("inside-multi-thread", 0, &["own", "chat finished"]),
];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.as_slice() {
        [_, role, address] if ENDS.iter().any(|(end, ..)| end == role) => child(role, address),
        _ => ENDS
            .iter()
            .for_each(|(end, code, spans)| check(end, *code, spans)),
    }
}

fn check(end: &str, code: i32, spans: &[&str]) {
    let collector = Collector::taking();
    let output = process::Command::new(env::current_exe().unwrap())
        .args([end, &collector.address.to_string()])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{end}: {errors}");
    let arrivals = Arrivals::of(&collector);
    let mut names = arrivals.span_names();
    let mut expected = spans.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected, "{end}: {errors}");
    let calls = u64::try_from(spans.len()).unwrap() - 1;
    assert_eq!(
        arrivals.metric_counts(),
        [("gen_ai.client.operation.duration", calls)],
        "{end}: {errors}"
    );
    println!("{end}: ok");
}

fn child(role: &str, address: &str) {
    let run = || body(role, address);
    match role {
        "inside-current-thread" => tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(async { run() }),
        "inside-multi-thread" => tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap()
            .block_on(async {
                tokio::spawn(async move { "elsewhere" })
                    .await
                    .map(|_| run())
                    .unwrap()
            }),
        _ => run(),
    }
}

fn body(role: &str, address: &str) {
    let guard = genspan_otel::builder()
        .with_environment(|_| None)
        .with_destination(format!("http://{address}"))
        .init()
        .unwrap();
    opentelemetry::global::tracer("app").in_span("own", |_| {});
    guard
        .telemetry()
        .chat(Provider::OPENAI, "finished")
        .finish();
    match role {
        "panic" => {
            let _open = guard.telemetry().chat(Provider::OPENAI, "open");
            panic!("as it must");
        }
        "exit-after-shutdown" => {
            let _open = guard.telemetry().chat(Provider::OPENAI, "open");
            assert!(guard.shutdown(Duration::from_secs(60)).is_complete());
            process::exit(3);
        }
        "exit-after-flush" => {
            let _open = guard.telemetry().chat(Provider::OPENAI, "open");
            assert!(guard.flush(Duration::from_secs(60)).is_complete());
            process::exit(3);
        }
        _ => {}
    }
}
