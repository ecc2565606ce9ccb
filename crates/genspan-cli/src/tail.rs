//! `genspan tail`: spans as they come.

mod follow;

use std::{
    io::{self, IsTerminal, Write},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use genspan_store::read::FoundSpan;
use genspan_tree::Style;

use self::follow::Follow;
use crate::{
    Failure,
    environment::Environment,
    filter::FilterArgs,
    proxy::stop,
    show::{facts::facts, json},
    store::StoreArgs,
    terminal::style_of,
};

/// Prints spans as they come into the store, until it is stopped
///
/// SIGINT, which Ctrl-C sends, and SIGTERM stop it.
#[derive(Args, Debug)]
pub(crate) struct TailArgs {
    #[command(flatten)]
    filter: FilterArgs,

    /// How many spans that are there already are printed first
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    last: usize,

    /// Prints one span a line as JSON, with `traceId` and `spanId`
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    store: StoreArgs,
}

/// How often it is looked for something new.
const OFTEN: Duration = Duration::from_millis(250);

impl TailArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let path = self.store.path(environment)?;
        if !path.exists() {
            writeln!(
                io::stderr(),
                "genspan: nothing was recorded yet; waiting for {}",
                path.display()
            )?;
        }
        let mut out = Out {
            is_json: self.json,
            style: style(environment),
            trace_id: String::new(),
        };
        let store = self.store;
        let mut follow = Follow::new(path, self.filter.resolve(), self.last);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("there is nothing to work on: {error}"))?;
        runtime.block_on(async {
            let mut stop = pin!(stop::asked()?);
            let mut ticks = tokio::time::interval(OFTEN);
            loop {
                tokio::select! {
                    () = &mut stop => return Ok(ExitCode::SUCCESS),
                    _ = ticks.tick() => out.print(&follow.next(&store, environment)?)?,
                }
            }
        })
    }
}

/// Cuts lines for terminals alone; what reads them elsewhere has room.
fn style(environment: &Environment) -> Style {
    let stdout = io::stdout();
    let style = style_of(&stdout, environment);
    let width = if stdout.is_terminal() {
        style.width
    } else {
        usize::MAX
    };
    Style { width, ..style }
}

/// Prints spans, each where its trace is told.
struct Out {
    is_json: bool,
    style: Style,
    /// The trace of what was printed last.
    trace_id: String,
}

impl Out {
    fn print(&mut self, spans: &[FoundSpan]) -> io::Result<()> {
        if spans.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        for span in spans {
            if self.is_json {
                json::found(&mut out, span)?;
                continue;
            }
            if span.trace_id != self.trace_id {
                self.trace_id.clone_from(&span.trace_id);
                writeln!(out, "trace {}", span.trace_id)?;
            }
            let facts = facts(&span.trace_id, &span.span);
            writeln!(out, "{}", genspan_tree::line(&facts, &self.style))?;
        }
        out.flush()
    }
}
