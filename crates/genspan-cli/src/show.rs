//! `genspan show`: traces in the terminal.

mod json;

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use genspan_tree::{ReadSpans, Spending, Trace, into_traces};

use crate::{Failure, environment::Environment, terminal::style_of};

/// Prints the last traces as trees: times, tokens, costs, how each call ended
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// An OTLP/JSON file, `-` for standard input [default: what genspan recorded last, in its private file]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// How many traces, the latest last
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    last: usize,

    /// Prints one trace a line as JSON
    #[arg(long)]
    json: bool,
}

/// Says why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum ShowError {
    #[error("there is no place for genspan's private file; set GENSPAN_HOME, or name a file")]
    NoHome,
    #[error(
        "nothing was recorded yet: {0} does not exist; try `genspan run -- COMMAND`, or name a file"
    )]
    NothingYet(String),
    #[error("{path} cannot be read")]
    Unreadable { path: String, source: io::Error },
}

impl ShowArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let ReadSpans {
            spans,
            unreadable_lines,
        } = match &self.file {
            Some(path) => read(path)?,
            None => read_own(environment)?,
        };
        let mut traces = into_traces(spans);
        let traces = traces.split_off(traces.len().saturating_sub(self.last));
        self.print(&traces, environment)?;
        if unreadable_lines > 0 {
            let lines = if unreadable_lines == 1 {
                "line is"
            } else {
                "lines are"
            };
            writeln!(
                io::stderr(),
                "genspan: {unreadable_lines} {lines} no OTLP/JSON and not shown"
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, traces: &[Trace], environment: &Environment) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            json::write(&mut out, traces)?;
        } else if traces.is_empty() {
            writeln!(out, "no spans")?;
        } else {
            let style = style_of(&out, environment);
            out.write_all(genspan_tree::render(traces, &style).as_bytes())?;
            let spending = Spending::of(traces.iter().flat_map(|trace| &trace.spans));
            if spending.is_known() {
                let calls = if spending.calls == 1 { "call" } else { "calls" };
                writeln!(out, "{} {calls} to models: {spending}", spending.calls)?;
            }
        }
        out.flush()
    }
}

fn read(path: &Path) -> Result<ReadSpans, ShowError> {
    let found = if path.as_os_str() == "-" {
        genspan_tree::read(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| genspan_tree::read(BufReader::new(file)))
    };
    found.map_err(|source| ShowError::Unreadable {
        path: path.display().to_string(),
        source,
    })
}

fn read_own(environment: &Environment) -> Result<ReadSpans, ShowError> {
    let path = environment.home().ok_or(ShowError::NoHome)?.spans();
    match read(&path) {
        Err(ShowError::Unreadable { path, source }) if source.kind() == io::ErrorKind::NotFound => {
            Err(ShowError::NothingYet(path))
        }
        result => result,
    }
}
