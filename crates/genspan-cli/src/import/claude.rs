//! `genspan import claude`: what Claude Code printed, and the transcripts that it keeps.

mod stored;
mod summary;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use genspan::{Parent, Timestamp};
use genspan_claude::{Options, Source};

use self::{stored::Stored, summary::Summary};
use super::{PATIENCE, Way, file, identity};
use crate::{Failure, environment::Environment, options::OutputArgs};

/// Imports what Claude Code printed as `--output-format stream-json --verbose`, and its transcripts
///
/// Each run becomes an agent's span with those of its calls, tools and sub-agents; ids derive from what is read, so
/// importing twice gives the same bytes. Which of the two a file is, its content says. With a transcript, those of its
/// sub-agents beside it are read as well. Times that no line states are derived and marked. A file named with `--to` is
/// written anew.
#[derive(Args, Debug)]
pub(super) struct ClaudeArgs {
    /// Files of one message a line, such as ~/.claude/projects/*/*.jsonl; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputArgs,

    /// Names the agent
    #[arg(long, value_name = "NAME", default_value = "claude-code")]
    agent_name: String,

    /// Says when all was over, such as 2026-11-21T09:30:00Z, for files in which no line states a time; otherwise that is
    /// when the file was last written
    #[arg(long, value_name = "TIME", value_parser = moment)]
    ended: Option<Timestamp>,

    /// Shows no summary
    #[arg(long, short)]
    quiet: bool,
}

/// Reads a moment of the command line.
fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: Option<jiff::Timestamp> = text.parse().ok();
    moment
        .and_then(|moment| u64::try_from(moment.as_nanosecond()).ok())
        .map(Timestamp::from_unix_nanos)
        .ok_or_else(|| {
            "expected a moment with its time zone, such as 2026-11-21T09:30:00Z".to_owned()
        })
}

impl ClaudeArgs {
    pub(super) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let way = Way::of(self.output, environment)?;
        file::size_of_all(&self.files)?;
        let stored = stored::gather(&self.files, self.ended)?;
        let sources: Vec<PathBuf> = stored.iter().map(|one| one.path().to_owned()).collect();
        let telemetry = way.start(&sources, self.quiet, environment)?;
        let options = Options::default()
            .with_agent_name(self.agent_name)
            .within(Parent::Root)
            .with_identify(Arc::new(identity::of_name));
        let sources: Vec<&dyn Source> = stored.iter().map(Stored::as_source).collect();
        let imported = genspan_claude::import(&telemetry, &options, &sources);
        let summary = Summary {
            imported,
            report: telemetry.shutdown(PATIENCE),
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
