//! `genspan export`: traces out of the store, for other programs and other people.

mod html;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use genspan::{SpanId, TraceId};
use genspan_otlp::{logs_to_json, traces_to_json};
use genspan_store::{Filter, Page, Store};

use crate::{
    Failure,
    environment::Environment,
    filter::FilterArgs,
    show::{NoTrace, latest, trace_id},
    store::StoreArgs,
};

/// Writes traces as OTLP/JSON lines, or one as a page that anyone can open
///
/// `genspan show FILE` and `genspan check FILE` read what it writes, `genspan import otlp FILE` takes it into another store,
/// and so do collectors. Prompts and answers are in it.
#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// A trace by its id [default: the latest one, unless `--all` or a filter says otherwise]
    #[arg(value_name = "TRACE", value_parser = trace_id)]
    trace: Option<TraceId>,

    /// Exports all traces
    #[arg(long, conflicts_with = "trace")]
    all: bool,

    /// Writes one trace as a single HTML file, which needs neither a network nor scripts
    #[arg(long, conflicts_with = "all")]
    html: bool,

    /// Writes to this file, for your eyes alone, instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    store: StoreArgs,
}

impl ExportArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let is_query = self.filter.is_stated();
        if is_query && (self.trace.is_some() || self.html) {
            return Err(
                "a filter chooses among all traces, so neither TRACE nor `--html` can stand beside it; \
                 `genspan query` finds the id of a trace"
                    .into(),
            );
        }
        let store = self.store.open(environment)?;
        let traces = if self.all || is_query {
            ids(&store, &self.filter.resolve())?
        } else {
            vec![one(&store, self.trace)?]
        };
        let mut out = Out::open(self.output.as_deref())?;
        if self.html {
            for id in traces {
                out.write(page(&store, id)?.as_bytes())?;
            }
        } else {
            for id in traces {
                lines(&store, &id, &mut out)?;
            }
        }
        out.finish()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Gives the trace that is meant, which the store must have.
fn one(store: &Store, stated: Option<TraceId>) -> Result<TraceId, Failure> {
    if let Some(id) = stated {
        return Ok(store.trace(&id)?.map(|_| id).ok_or(NoTrace(id))?);
    }
    let latest = latest(store, 1)?;
    let id = latest
        .first()
        .and_then(|trace| TraceId::from_hex(&trace.trace.trace_id));
    Ok(id.ok_or("the store is empty; try `genspan run -- COMMAND`")?)
}

/// Lists the traces that a filter wants, the earliest first.
fn ids(store: &Store, filter: &Filter) -> Result<Vec<TraceId>, Failure> {
    let mut ids = Vec::new();
    let mut before = None;
    loop {
        let page = store.traces(
            filter,
            Page {
                limit: 1_000,
                before,
            },
        )?;
        let rows = page.traces.iter();
        ids.extend(rows.filter_map(|row| TraceId::from_hex(&row.trace_id)));
        match page.next {
            Some(next) => before = Some(next.parse()?),
            None => break,
        }
    }
    ids.reverse();
    Ok(ids)
}

/// Writes a trace as OTLP/JSON, a line for its spans and one for its log records; one that was forgotten meanwhile is not.
fn lines(store: &Store, id: &TraceId, out: &mut Out) -> Result<(), Failure> {
    let Some(exported) = store.export(id)? else {
        return Ok(());
    };
    let mut lines = traces_to_json(&exported.traces);
    lines.push(b'\n');
    if !exported.logs.resource_logs.is_empty() {
        lines.extend(logs_to_json(&exported.logs));
        lines.push(b'\n');
    }
    Ok(out.write(&lines)?)
}

fn page(store: &Store, id: TraceId) -> Result<String, Failure> {
    let trace = store.trace(&id)?.ok_or(NoTrace(id))?;
    let mut page = html::Page::new(&trace);
    for span in page.order() {
        let detail = SpanId::from_hex(&span.row.span_id)
            .map(|span| store.span(&id, &span))
            .transpose()?;
        page.span(&span, detail.flatten().as_ref());
    }
    Ok(page.finish())
}

/// Says why something cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written")]
struct Unwritable {
    path: String,
    source: io::Error,
}

/// Takes what is exported.
struct Out {
    out: Box<dyn Write>,
    path: Option<String>,
}

impl Out {
    /// Opens a file for its owner alone, empty; or standard output.
    fn open(path: Option<&Path>) -> Result<Self, Unwritable> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            let out = Box::new(BufWriter::new(io::stdout()));
            return Ok(Self { out, path: None });
        };
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let name = path.display().to_string();
        match options.open(path) {
            Ok(file) => Ok(Self {
                out: Box::new(BufWriter::new(file)),
                path: Some(name),
            }),
            Err(source) => Err(Unwritable { path: name, source }),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Unwritable> {
        let written = self.out.write_all(bytes);
        written.map_err(|source| self.unwritable(source))
    }

    fn finish(mut self) -> Result<(), Unwritable> {
        let flushed = self.out.flush();
        flushed.map_err(|source| self.unwritable(source))
    }

    fn unwritable(&self, source: io::Error) -> Unwritable {
        let path = self.path.clone();
        let path = path.unwrap_or_else(|| "standard output".to_owned());
        Unwritable { path, source }
    }
}
