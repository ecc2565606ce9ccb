//! `genspan show`: traces in the terminal.

pub(crate) mod facts;
pub(crate) mod json;

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::Path,
    process::ExitCode,
};

use clap::Args;
use genspan::TraceId;
use genspan_store::{Filter, Page, Store, read::Trace};
use genspan_tree::{ReadSpans, Spending, into_traces};

use crate::{Failure, environment::Environment, store::StoreArgs, terminal::style_of};

/// Prints a trace as a tree: times, tokens, costs, how each call ended
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// A trace by its id, an OTLP/JSON file, or `-` for standard input [default: the latest trace in the store]
    #[arg(value_name = "TRACE|FILE")]
    what: Option<String>,

    /// How many traces, the latest last [default: 1; of a file 10]
    #[arg(long, short = 'n', value_name = "N")]
    last: Option<usize>,

    /// Prints one span a line as JSON, with `traceId` and `spanId`
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    store: StoreArgs,
}

/// Says why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum ShowError {
    #[error("{path} cannot be read")]
    Unreadable { path: String, source: io::Error },
    #[error(
        "{0:?} is neither a trace's id, which has 32 hexadecimal digits, nor a file that is there; `genspan query` lists ids"
    )]
    Neither(String),
}

/// Says that a trace is not in the store.
#[derive(Debug, thiserror::Error)]
#[error("the store has no trace {0}; `genspan query` lists those it has")]
pub(crate) struct NoTrace(pub(crate) TraceId);

impl ShowArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        match self.what.as_deref() {
            None => self.latest(environment)?,
            Some(what) => match id(what) {
                Some(id) => {
                    let store = self.store.open(environment)?;
                    let trace = store.trace(&id)?.ok_or(NoTrace(id))?;
                    self.print_stored(&[trace], environment)?;
                }
                None => self.file(what, environment)?,
            },
        }
        Ok(ExitCode::SUCCESS)
    }

    fn latest(&self, environment: &Environment) -> Result<(), Failure> {
        let store = self.store.open(environment)?;
        let traces = latest(&store, self.last.unwrap_or(1))?;
        Ok(self.print_stored(&traces, environment)?)
    }

    fn file(&self, path: &str, environment: &Environment) -> Result<(), Failure> {
        let ReadSpans {
            spans,
            unreadable_lines,
        } = read(path)?;
        let mut traces = into_traces(spans);
        let traces = traces.split_off(traces.len().saturating_sub(self.last.unwrap_or(10)));
        if self.json {
            let mut out = io::stdout().lock();
            json::file(&mut out, &traces)?;
            out.flush()?;
        } else {
            print(&traces, environment)?;
        }
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
        Ok(())
    }

    fn print_stored(&self, traces: &[Trace], environment: &Environment) -> io::Result<()> {
        if self.json {
            let mut out = io::stdout().lock();
            for trace in traces {
                json::stored(&mut out, trace)?;
            }
            return out.flush();
        }
        let traces: Vec<_> = traces.iter().map(facts::tree).collect();
        print(&traces, environment)
    }
}

/// Prints trees, and what their calls cost together.
fn print(traces: &[genspan_tree::Trace], environment: &Environment) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if traces.is_empty() {
        writeln!(out, "no spans")?;
        return out.flush();
    }
    let style = style_of(&out, environment);
    out.write_all(genspan_tree::render(traces, &style).as_bytes())?;
    let spending = Spending::of_traces(traces);
    if spending.is_known() {
        let calls = if spending.calls == 1 { "call" } else { "calls" };
        writeln!(out, "{} {calls} to models: {spending}", spending.calls)?;
    }
    out.flush()
}

/// Reads a trace's id; digits in upper case are fine.
fn id(text: &str) -> Option<TraceId> {
    TraceId::from_hex(&text.to_ascii_lowercase())
}

/// Reads the id of a trace that an option names.
pub(crate) fn trace_id(text: &str) -> Result<TraceId, &'static str> {
    id(text)
        .ok_or("expected a trace's id, which has 32 hexadecimal digits; `genspan query` lists ids")
}

/// Opens the latest traces, the latest last.
pub(crate) fn latest(store: &Store, count: usize) -> Result<Vec<Trace>, Failure> {
    let mut traces = Vec::new();
    let mut before = None;
    while traces.len() < count {
        let limit = count - traces.len();
        let page = store.traces(&Filter::default(), Page { limit, before })?;
        for row in &page.traces {
            // One that was forgotten meanwhile is passed over.
            let id = TraceId::from_hex(&row.trace_id);
            let trace = id.map(|id| store.trace(&id)).transpose()?;
            traces.extend(trace.flatten());
        }
        match page.next {
            Some(next) => before = Some(next.parse()?),
            None => break,
        }
    }
    traces.reverse();
    Ok(traces)
}

fn read(path: &str) -> Result<ReadSpans, ShowError> {
    let found = if path == "-" {
        genspan_tree::read(io::stdin().lock())
    } else {
        File::open(Path::new(path)).and_then(|file| genspan_tree::read(BufReader::new(file)))
    };
    found.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ShowError::Neither(path.to_owned()),
        _ => ShowError::Unreadable {
            path: path.to_owned(),
            source,
        },
    })
}
