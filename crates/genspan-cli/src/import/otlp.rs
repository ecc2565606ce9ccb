//! `genspan import otlp`: what others recorded, out of files.

mod gathered;
mod ids;
mod lines;
mod passing;
mod summary;
mod trouble;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use genspan::{Capture, Place as Capturing, redact::Redactor};
use genspan_otlp::{Counts, Destination, Pipeline, Request};
use genspan_store::{redact_logs, redact_metrics, redact_traces};

use self::{
    gathered::Gathered,
    lines::{Line, Lines},
    summary::{Summary, Tally},
    trouble::{FileTrouble, LineTrouble},
};
use super::{PATIENCE, Way, file, progress::Progress, reasons::Place, source};
use crate::{Failure, environment::Environment, options::OutputArgs, store::StoreArgs};

/// Imports OTLP files, as `genspan export` and the Collector's file exporter write them
///
/// Each line holds a request of spans, log records or metrics, in JSON. They go on as they came, but for recognised secrets,
/// which are replaced; what the store has already it keeps once. A line that cannot be read is told and passed over. A file
/// named with `--to` is written anew.
#[derive(Args, Debug)]
pub(super) struct OtlpArgs {
    /// OTLP/JSON files, also compressed with gzip or zstd; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Sends telemetry there; may be repeated [default: the store, and where `OTEL_EXPORTER_OTLP_*` says]
    ///
    /// `store`, `stdout`, `file:PATH`, `http[s]://HOST[:PORT]` or `grpc[s]://HOST[:PORT]`. Others than the store want
    /// `--content`, or `;content=span` behind them.
    #[arg(long = "to", value_name = "DESTINATION")]
    to: Vec<Destination>,

    /// Lets destinations other than the store have the prompts and answers that the files hold
    #[arg(long)]
    content: bool,

    /// Reads prices from this file, else from GENSPAN_PRICES; they count before genspan's own
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    #[command(flatten)]
    store: StoreArgs,

    /// Shows neither progress nor the summary
    #[arg(long, short)]
    quiet: bool,

    /// Tells of each line what became of it
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
}

impl OtlpArgs {
    pub(super) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let output = OutputArgs {
            to: self.to,
            content: self.content.then(|| Capture::at(Capturing::Span)),
            prices: self.prices,
            store: self.store,
            ..OutputArgs::default()
        };
        let mut way = Way::of(output, environment)?;
        passing::admit(&mut way)?;
        let size = file::size_of_all(&self.files)?;
        let pipeline = way.pass_on(&self.files, self.quiet, environment)?;
        let progress = Progress::new(size, self.quiet);
        let mut importer = Importer::new(&pipeline, &progress, self.verbose);
        for path in &self.files {
            importer.file(path);
        }
        let tally = importer.finish();
        progress.finish();
        let summary = Summary {
            tally,
            report: pipeline.shutdown(PATIENCE).into(),
        };
        if !self.quiet || summary.has_losses() {
            write!(io::stderr(), "{summary}")?;
        }
        Ok(if summary.has_losses() {
            ExitCode::from(1)
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Takes requests out of files, one at a time, and hands them over.
struct Importer<'a> {
    pipeline: &'a Pipeline,
    redactor: Redactor,
    gathered: Gathered,
    tally: Tally,
    progress: &'a Progress,
    /// Whether to tell of each line what became of it.
    is_verbose: bool,
}

impl<'a> Importer<'a> {
    fn new(pipeline: &'a Pipeline, progress: &'a Progress, is_verbose: bool) -> Self {
        Self {
            pipeline,
            redactor: Redactor::new(),
            gathered: Gathered::default(),
            tally: Tally::default(),
            progress,
            is_verbose,
        }
    }

    /// Imports one file; what is wrong with it is told at the end.
    fn file(&mut self, path: &Path) {
        self.tally.files += 1;
        if let Err(trouble) = self.read(path) {
            self.tally.broken_files += 1;
            self.tally.reasons.file(path, trouble.to_string());
        }
    }

    fn read(&mut self, path: &Path) -> Result<(), FileTrouble> {
        let progress = self.progress;
        let opened = source::open(path).map_err(FileTrouble::Closed)?;
        let text = source::text(progress.watch(opened)).map_err(FileTrouble::Closed)?;
        FileTrouble::of(&text.start)?;
        let mut lines = Lines::new(text.reader);
        loop {
            let behind = lines.number();
            match lines.next() {
                Ok(Some(line)) => self.line(&line, path),
                Ok(None) => return Ok(()),
                Err(error) => return Err(FileTrouble::Ended { error, behind }),
            }
        }
    }

    fn line(&mut self, line: &Line<'_>, path: &Path) {
        self.tally.lines += 1;
        let place = Place::line(path, line.number);
        let told = match line.requests() {
            Ok(requests) => {
                let counts = self.take(requests, &place);
                self.is_verbose.then(|| counts.to_string())
            }
            Err(trouble) => {
                let told = self.is_verbose.then(|| format!("unreadable: {trouble}"));
                self.tally.unreadable += 1;
                self.tell_of(place.clone(), &trouble);
                told
            }
        };
        if let Some(told) = told {
            self.progress.tell(&format!("{place}: {told}"));
        }
    }

    /// Hands on what a line holds, and counts it.
    fn take(&mut self, requests: Vec<Request>, place: &Place) -> Counts {
        let mut counts = Counts::default();
        for mut request in requests {
            let nameless = ids::take_out(&mut request);
            if let Some(trouble) = nameless.trouble {
                self.tally.left_out += nameless.count;
                self.tell_of(place.clone(), &trouble);
            }
            counts.add(request.signal(), request.count());
            self.tally.read.add(request.signal(), request.count());
            match &mut request {
                Request::Traces(request) => redact_traces(&self.redactor, request),
                Request::Logs(request) => redact_logs(&self.redactor, request),
                Request::Metrics(request) => redact_metrics(&self.redactor, request),
            }
            if let Some(full) = self.gathered.add(request) {
                self.send(full);
            }
        }
        counts
    }

    fn tell_of(&mut self, place: Place, trouble: &LineTrouble) {
        // Each line is named, so that it can be looked at.
        let kind = String::new();
        self.tally.reasons.part(kind, place, trouble.to_string());
    }

    /// Hands a request to all destinations; what these make of it, the pipeline reports.
    fn send(&self, request: Request) {
        let lanes = self.pipeline.destinations().count();
        for lane in 1..lanes {
            self.pipeline.send_request(lane, request.clone());
        }
        self.pipeline.send_request(0, request);
    }

    /// Hands on what is left.
    fn finish(mut self) -> Tally {
        for request in std::mem::take(&mut self.gathered).rest() {
            self.send(request);
        }
        self.tally
    }
}
