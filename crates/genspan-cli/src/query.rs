//! `genspan query`: finds spans in the store, and log records and metrics beside them.

mod beside;
mod newest;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use genspan_tree::Listed;

use self::beside::BesideArgs;
use crate::{
    Failure,
    environment::Environment,
    filter::FilterArgs,
    show::{facts::facts, json},
    store::StoreArgs,
    terminal::style_of,
};

/// Finds calls, tools and agents by what was said, who said it, cost, tokens, time and outcome
///
/// The newest come first. `genspan show TRACE` shows the whole of what was found. With `--logs` log records are found, in a
/// trace or not, and with `--metrics` what programs measured.
#[derive(Args, Debug)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    beside: BesideArgs,

    /// The most that are listed
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    limit: usize,

    /// Prints one span, log record or metric a line as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    store: StoreArgs,
}

impl QueryArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let store = self.store.open(environment)?;
        if self.beside.is_asked() {
            let is_json = self.json;
            let (beside, filter) = (self.beside, self.filter);
            return beside.run(&store, &filter, self.limit, is_json, environment);
        }
        let filter = self.filter.resolve();
        let (spans, is_all) = newest::find(self.limit, |page| {
            store
                .spans(&filter, page)
                .map(|page| (page.spans, page.next))
        })?;
        let mut out = io::stdout().lock();
        if self.json {
            for span in &spans {
                json::found(&mut out, span)?;
            }
        } else if spans.is_empty() {
            writeln!(out, "no spans")?;
        } else {
            let facts: Vec<_> = spans
                .iter()
                .map(|span| facts(&span.trace_id, &span.span))
                .collect();
            let listed: Vec<_> = facts
                .iter()
                .zip(&spans)
                .map(|(facts, span)| Listed {
                    span: facts,
                    note: span.found.as_ref().map(|found| found.snippet.as_str()),
                })
                .collect();
            let style = style_of(&out, environment);
            out.write_all(genspan_tree::list(&listed, &style).as_bytes())?;
        }
        out.flush()?;
        drop(out);
        if !is_all {
            newest::say_there_are_more(spans.len())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
