//! `genspan query`: finds spans in the store.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use genspan_store::{Filter, Page, Store, read::FoundSpan};
use genspan_tree::Listed;

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
/// The newest come first. `genspan show TRACE` shows the whole of what was found.
#[derive(Args, Debug)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    filter: FilterArgs,

    /// The most spans that are listed
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    limit: usize,

    /// Prints one span a line as JSON, with `traceId` and `spanId`
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    store: StoreArgs,
}

impl QueryArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let store = self.store.open(environment)?;
        let (spans, is_all) = spans(&store, &self.filter.resolve(), self.limit)?;
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
            writeln!(
                io::stderr(),
                "genspan: the newest {}; there are more, which `--limit N` or `--until WHEN` lists",
                spans.len()
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Finds the newest spans, and tells whether those are all.
fn spans(store: &Store, filter: &Filter, most: usize) -> Result<(Vec<FoundSpan>, bool), Failure> {
    let mut spans = Vec::new();
    let mut before = None;
    while spans.len() < most {
        let limit = most - spans.len();
        let page = store.spans(filter, Page { limit, before })?;
        spans.extend(page.spans);
        match page.next {
            Some(next) => before = Some(next.parse()?),
            None => return Ok((spans, true)),
        }
    }
    Ok((spans, false))
}
