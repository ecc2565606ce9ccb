//! A program that records itself, and what its destination got of it.

#[path = "seen/model.rs"]
mod model;
#[path = "seen/otlp.rs"]
mod otlp;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use genspan::Telemetry;
use genspan_otel::{Builder, Guard};

pub(crate) use self::{
    model::{Model, ask, question, tools},
    otlp::{Seen, Span},
};

const LIMIT: Duration = Duration::from_secs(30);

/// Records into a file of its own through OpenTelemetry's SDK, as `genspan_otel::init` sets it up.
pub(crate) struct Program {
    guard: Guard,
    file: PathBuf,
}

impl Program {
    /// Begins; `options` are those behind a destination, such as `;content=span`.
    pub(crate) fn new(name: &str, options: &str) -> Self {
        Self::with(name, options, |builder| builder)
    }

    /// Begins with more to say.
    pub(crate) fn with(name: &str, options: &str, more: impl FnOnce(Builder) -> Builder) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
        fs::write(&file, "").unwrap();
        let builder = genspan_otel::builder()
            .without_globals()
            .with_environment(|_| None)
            .with_service_name("systems")
            .with_destination(format!("file:{}{options}", file.display()));
        let guard = more(builder).init().unwrap();
        Self { guard, file }
    }

    pub(crate) fn telemetry(&self) -> Telemetry {
        self.guard.telemetry()
    }

    /// Ends, and reads what arrived.
    pub(crate) fn end(self) -> Seen {
        let report = self.guard.shutdown(LIMIT);
        assert!(report.is_complete(), "{report}: {:?}", report.notes);
        Seen::read(&self.file)
    }
}

/// Runs a future on a runtime of its own.
pub(crate) fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
