//! What every case leaves in a file, held to the conventions.

use std::path::Path;

use genspan::{Capture, Place};
use genspan_http::proxy::Detour;
use testkit::suite::{Case, Stage};

use crate::play::{Talk, play};

/// Plays every case with content into a file, and fails where anything is found in it but advice on what the provider
/// does not state.
pub(crate) async fn hold<T: Talk>(name: &str, unstated: &[&str]) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.suite.jsonl"));
    std::fs::write(&file, "").unwrap();
    let guard = genspan_otel::builder()
        .with_environment(|_| None)
        .with_destination(format!("file:{}", file.display()))
        .with_capture(Capture::at(Place::Span))
        .without_globals()
        .init()
        .unwrap();
    for case in Case::ALL {
        let mut stage = Stage::new(case, true);
        stage.telemetry = guard.telemetry();
        let detour = Detour::shared(&stage.telemetry).unwrap();
        play::<T>(&stage, &detour).await;
    }
    drop(guard);
    testkit::conventions::hold_file(&file, 16, unstated);
}
