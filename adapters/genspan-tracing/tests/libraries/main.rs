//! Both doors under real libraries and under spans as they make them, against the scripted provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod adk;
mod bridge;
mod checked;
mod ends;
mod example;
mod exporter;
mod genai;
mod http;
mod langchain;
mod memory;
mod rig;

use std::sync::Arc;

use genspan::{Capture, Conventions, Place, Rendering, Telemetry};
use testkit::{
    CaptureSink, ManualClock,
    suite::{Case, Stage, Unknown},
};
use tracing_subscriber::layer::SubscriberExt;

/// Runs work under the layer alone, on this thread.
fn under<T>(telemetry: &Telemetry, work: impl FnOnce() -> T) -> T {
    let subscriber = tracing_subscriber::registry().with(genspan_tracing::layer(telemetry));
    let _listening = testkit::listen(subscriber);
    work()
}

/// Waits for work under the layer alone, on this thread.
fn wait<T>(telemetry: &Telemetry, work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    under(telemetry, || runtime.block_on(work))
}

/// Holds each case of a library, with content and without, to the tree that is common to all clients.
fn hold(play: &impl AsyncFn(&Stage), unknown: impl Fn(Case) -> &'static [Unknown]) {
    for case in Case::ALL {
        for has_content in [true, false] {
            let stage = Stage::new(case, has_content);
            wait(&stage.telemetry, play(&stage));
            stage.check(unknown(case));
            checked::clean(&stage.spans());
        }
    }
}

/// A recorder whose spans can be looked at at once.
fn recorder(has_content: bool) -> (Arc<CaptureSink>, Telemetry) {
    let mut rendering = Rendering::new(Conventions::V1_41);
    if has_content {
        rendering = rendering.with_capture(Capture::at(Place::Span));
    }
    let sink = CaptureSink::new(rendering);
    let clock = ManualClock::default().stepping(std::time::Duration::from_millis(10));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .inline()
        .build();
    (sink, telemetry)
}

/// Draws all that was recorded.
fn tree(sink: &CaptureSink) -> String {
    testkit::tree(&sink.spans())
}

/// Draws spans without what differs from run to run: times, ids and ports.
fn settled(tree: &str) -> String {
    let line = |line: &str| match line.split_once(" = ") {
        Some((key, _)) if key.ends_with("id") || key.ends_with("port") => format!("{key} = …"),
        Some(_) => line.to_owned(),
        None => {
            let (name, rest) = line.split_once("] ").unwrap_or((line, ""));
            let end = rest.split_once(" ERROR").map(|(_, end)| end);
            format!(
                "{name}]{}",
                end.map(|end| format!(" ERROR{end}")).unwrap_or_default()
            )
        }
    };
    tree.lines().map(|one| line(one) + "\n").collect()
}
