//! `genspan forget`: takes traces out of the store, for good.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use genspan::TraceId;
use genspan_otlp::{Destination, Endpoint, Lane, Pipeline, PipelineOptions, StoreEndpoint};
use genspan_store::{Forget, Forgotten, Options, Store};

use crate::{
    Failure,
    environment::Environment,
    moment::{Moment, told},
    show::{NoTrace, trace_id},
    store::{LocalKeeper, StoreArgs, StoreError, prices},
};

/// Forgets traces for good: nothing of them is left in any byte of the store
///
/// On a terminal it asks before; elsewhere `--yes` has to say so. A server that has the store open may go on meanwhile.
#[derive(Args, Debug)]
#[group(id = "what", required = true, multiple = false, args = ["traces", "before", "all"])]
pub(crate) struct ForgetArgs {
    /// The traces, by their ids
    #[arg(value_name = "TRACE", value_parser = trace_id)]
    traces: Vec<TraceId>,

    /// All traces that began before then: 2026-11-21, 2026-11-21T07:28:15 (UTC), or 7d for seven days ago
    #[arg(long, value_name = "WHEN")]
    before: Option<Moment>,

    /// Everything
    #[arg(long)]
    all: bool,

    /// Does not ask
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    store: StoreArgs,
}

/// What still waits for the store may take this long to come in.
const PATIENCE: Duration = Duration::from_secs(30);

impl ForgetArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let path = self.store.path(environment)?;
        if !path.exists() {
            return Err(StoreError::NothingYet(path.display().to_string()).into());
        }
        let what = self.what();
        if !self.yes && !is_confirmed(&question(&what, &path))? {
            writeln!(io::stderr(), "genspan: nothing was forgotten")?;
            return Ok(ExitCode::from(1));
        }
        let waiting = bring_in(&path, environment)?;
        let store = Store::open(&path, Options::default())?;
        let each = store.forget_each(&what)?;
        store.close();
        let mut gone = Forgotten::default();
        let mut unknown = Vec::new();
        for (one, some) in what.iter().zip(each) {
            if let Forget::Trace(id) = one
                && some == Forgotten::default()
            {
                unknown.push(*id);
            }
            gone.traces += some.traces;
            gone.spans += some.spans;
            gone.log_records += some.log_records;
            gone.metrics += some.metrics;
        }
        writeln!(io::stdout(), "forgot {}", counted(gone))?;
        for id in &unknown {
            writeln!(io::stderr(), "genspan: {}", NoTrace(*id))?;
        }
        if let Some(waiting) = &waiting {
            writeln!(
                io::stderr(),
                "genspan: what waits for the store was not forgotten: {waiting}"
            )?;
        }
        let is_done = unknown.is_empty() && waiting.is_none();
        Ok(if is_done {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    fn what(&self) -> Vec<Forget> {
        if self.all {
            vec![Forget::All]
        } else if let Some(before) = self.before {
            vec![Forget::Before(before.micros())]
        } else {
            self.traces.iter().copied().map(Forget::Trace).collect()
        }
    }
}

/// Takes in what could not be written before, so that it does not come back after it was forgotten; tells what is left.
fn bring_in(path: &Path, environment: &Environment) -> Result<Option<String>, Failure> {
    let Some(home) = environment.home() else {
        return Ok(None);
    };
    let keeper = LocalKeeper::new(path.to_owned(), Arc::new(prices(environment)?));
    let store = StoreEndpoint::new(Some(path.to_owned())).with_keeper(Arc::new(keeper));
    let lane = Lane::new(Destination::new(Endpoint::Store(store)));
    let options = PipelineOptions {
        spool: Some(home.spool()),
        ..PipelineOptions::default()
    };
    let report = Pipeline::start(vec![lane], options)?.shutdown(PATIENCE);
    Ok((!report.is_complete()).then(|| report.to_string()))
}

fn question(what: &[Forget], path: &Path) -> String {
    let what = match what {
        [Forget::All] => "everything".to_owned(),
        [Forget::Before(micros)] => format!("all that began before {}", told(*micros)),
        [Forget::Trace(id)] => format!("trace {id}"),
        several => format!("{} traces", several.len()),
    };
    format!("Forget {what} in {} for good? [y/N] ", path.display())
}

/// Asks whoever sits at the terminal.
fn is_confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err("there is no terminal to confirm it on; `--yes` says that it is meant".into());
    }
    let mut out = io::stderr().lock();
    out.write_all(question.as_bytes())?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

fn counted(gone: Forgotten) -> String {
    let of = |count: u64, one: &str, more: &str| {
        format!("{count} {}", if count == 1 { one } else { more })
    };
    let mut counted = vec![
        of(gone.traces, "trace", "traces"),
        of(gone.spans, "span", "spans"),
        of(gone.log_records, "log record", "log records"),
    ];
    // No trace has any; they go with what is old, or with everything.
    if gone.metrics > 0 {
        counted.push(of(
            gone.metrics,
            "request of metrics",
            "requests of metrics",
        ));
    }
    counted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_where_some_went() {
        let mut gone = Forgotten {
            traces: 1,
            ..Forgotten::default()
        };
        assert_eq!(counted(gone), "1 trace, 0 spans, 0 log records");
        gone.metrics = 2;
        let told = "1 trace, 0 spans, 0 log records, 2 requests of metrics";
        assert_eq!(counted(gone), told);
    }

    #[test]
    fn the_question_says_what_goes_and_where() {
        let path = Path::new("/h/store.db");
        let asked = [
            question(&[Forget::All], path),
            question(&[Forget::Before(1_795_246_095_000_000)], path),
            question(&[Forget::Trace(TraceId([1; 16]))], path),
        ];
        insta::assert_snapshot!(asked.join("\n"), @"
        Forget everything in /h/store.db for good? [y/N] 
        Forget all that began before 2026-11-21 07:28:15 UTC in /h/store.db for good? [y/N] 
        Forget trace 01010101010101010101010101010101 in /h/store.db for good? [y/N]
        ");
    }
}
