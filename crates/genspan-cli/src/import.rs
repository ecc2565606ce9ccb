//! `genspan import`: telemetry after the fact.

mod address;
mod claude;
mod file;
mod har;
mod identity;
mod otlp;
mod progress;
mod reasons;
mod source;
mod summary;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Subcommand};
use genspan::{Place, Telemetry};
use genspan_infer::{Agents, Limits};
use genspan_otlp::{Batching, Pipeline, PipelineOptions, Sampling, WhenFull};

use self::{
    claude::ClaudeArgs, har::Importer, otlp::OtlpArgs, progress::Progress, summary::Summary,
};
use crate::{
    Failure,
    environment::Environment,
    infer::InferArgs,
    options::{Defaults, EffectiveOutput, OutputArgs},
};

/// Makes telemetry from what was recorded before; the same input gives the same spans
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Har(HarArgs),
    Claude(ClaudeArgs),
    Otlp(OtlpArgs),
}

/// Imports HAR files, as browsers, mitmproxy and Playwright write them
///
/// A span starts when its exchange did and has ids that derive from it, so importing twice gives the same
/// bytes. A file named with `--to` is written anew. Exchanges that ask no model are passed over.
#[derive(Args, Debug)]
struct HarArgs {
    /// HAR files, also compressed with gzip or zstd; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,

    /// Estimates the tokens that no answer states, and marks them
    #[arg(long)]
    estimate_usage: bool,

    #[command(flatten)]
    infer: InferArgs,

    /// Shows neither progress nor the summary
    #[arg(long, short)]
    quiet: bool,

    /// Tells of each entry what became of it
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
}

/// Collectors get this long to take what is left at the end.
const PATIENCE: Duration = Duration::from_secs(30);

impl ImportArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        match self.source {
            Source::Har(args) => args.run(environment),
            Source::Claude(args) => args.run(environment),
            Source::Otlp(args) => args.run(environment),
        }
    }
}

impl HarArgs {
    fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let way = Way::of(self.output, environment)?;
        let size = file::size_of_all(&self.files)?;
        let telemetry = way.start(&self.files, self.quiet, environment)?;
        let progress = Progress::new(size, self.quiet);
        let agents = self.infer.within(Limits::for_recordings());
        let mut importer = Importer::new(&telemetry, &progress, self.verbose);
        importer.estimates_usage = self.estimate_usage;
        importer.agents = agents.map(|limits| Agents::new(telemetry.clone(), limits));
        for path in &self.files {
            importer.file(path);
        }
        progress.finish();
        let report = telemetry.shutdown(PATIENCE);
        let summary = Summary {
            tally: importer.into_tally(),
            report,
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

/// Says where an import goes to; nothing is touched before its sources were looked at.
struct Way {
    output: EffectiveOutput,
    /// The user named it.
    is_named: bool,
}

impl Way {
    fn of(output: OutputArgs, environment: &Environment) -> Result<Self, Failure> {
        let is_named = !output.to.is_empty();
        let defaults = Defaults {
            stored_content: Place::Span,
        };
        Ok(Self {
            output: output.resolve(environment, defaults)?,
            is_named,
        })
    }

    /// Starts a recorder that writes there; files that are named are written anew.
    fn start(
        self,
        sources: &[PathBuf],
        is_quiet: bool,
        environment: &Environment,
    ) -> Result<Telemetry, Failure> {
        self.prepare(sources, is_quiet)?;
        let sink = self.output.start(
            environment,
            "genspan",
            false,
            Sampling::Always,
            delivering(),
        )?;
        Ok(Telemetry::builder(sink)
            .with_prices(self.output.prices)
            .inline()
            .build())
    }

    /// Starts passing requests on to there; files that are named are written anew.
    fn pass_on(
        &self,
        sources: &[PathBuf],
        is_quiet: bool,
        environment: &Environment,
    ) -> Result<Pipeline, Failure> {
        self.prepare(sources, is_quiet)?;
        let pipeline = PipelineOptions {
            queue_bytes: PASSED_ON,
            ..delivering()
        };
        self.output.pass_on(environment, "genspan", pipeline)
    }

    /// Tells what is worth knowing before, and empties the files that are named.
    fn prepare(&self, sources: &[PathBuf], is_quiet: bool) -> Result<(), Failure> {
        if !is_quiet {
            for note in &self.output.notes {
                writeln!(io::stderr(), "note: {note}")?;
            }
        }
        if self.is_named {
            let routes = self.output.routes.iter();
            file::renew(routes.map(|route| &route.destination.endpoint), sources)?;
        }
        Ok(())
    }
}

/// Whole requests take several times their bytes while they wait, so that few are enough.
const PASSED_ON: usize = 16 << 20;

/// Says how imports deliver: the same input gives the same requests, and nothing is dropped for want of room.
fn delivering() -> PipelineOptions {
    PipelineOptions {
        when_full: WhenFull::Wait,
        batching: Batching::OnFlush,
        ..PipelineOptions::default()
    }
}
