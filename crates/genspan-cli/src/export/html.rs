//! One trace as a single page: when everything ran, and what was said. No scripts, nothing from elsewhere.

mod escape;
mod order;
mod said;

use std::fmt::Write;

use genspan_store::read::{SpanDetail, SpanRow, Trace, TraceRow};

pub(super) use self::order::Placed;
use self::{
    escape::{attribute, text},
    said::Said,
};
use crate::moment::told;

const STYLE: &str = include_str!("html/style.css");

/// Allows what the page itself holds and nothing else, should anything of what was said get past the escaping.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Writes the page, span by span.
#[derive(Debug)]
pub(super) struct Page<'t> {
    trace: &'t Trace,
    html: String,
}

impl<'t> Page<'t> {
    pub(super) fn new(trace: &'t Trace) -> Self {
        let row = &trace.trace;
        let title = text(&row.name);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} – genspan</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header>\n<h1 dir=\"auto\">{title}</h1>\n<p>{}</p>\n<p class=\"id\">trace {}</p>\n</header>\n<main>\n<ol>\n",
            summary(row),
            text(&row.trace_id),
        );
        Self { trace, html }
    }

    /// Gives the spans in the order in which they are to be written.
    pub(super) fn order(&self) -> Vec<Placed<'t>> {
        order::placed(&self.trace.spans)
    }

    /// Writes a span; of one that was forgotten meanwhile there is no detail.
    pub(super) fn span(&mut self, placed: &Placed<'_>, detail: Option<&SpanDetail>) {
        let row = placed.row;
        let mark = if row.status == "ok" { "" } else { " bad" };
        let html = &mut self.html;
        push(
            html,
            format_args!(
                "<li id=\"{id}\" class=\"{kind}{mark}\" style=\"--depth:{}\">\n<details>\n<summary>\
                 <span class=\"name\" dir=\"auto\">{}</span><span class=\"lane\"><span class=\"bar\" style=\"{}\"></span></span>\
                 <span class=\"figures\">{}</span></summary>\n",
                placed.depth,
                text(&row.name),
                bar(&self.trace.trace, row),
                figures(row),
                id = attribute(&row.span_id),
                kind = attribute(row.kind),
            ),
        );
        let said = Said { row, detail };
        html.push_str(&said.html());
        html.push_str("</details>\n</li>\n");
    }

    pub(super) fn finish(mut self) -> String {
        self.html.push_str("</ol>\n</main>\n</body>\n</html>\n");
        self.html
    }
}

fn push(html: &mut String, part: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _written = html.write_fmt(part);
}

/// Gives where a span's bar begins and how long it is, in parts of the whole trace.
#[allow(clippy::cast_precision_loss, reason = "a place on a screen")]
fn bar(trace: &TraceRow, row: &SpanRow) -> String {
    let whole = (trace.duration_micros as f64).max(1.0);
    let began = row.start_micros.saturating_sub(trace.start_micros).max(0) as f64;
    let left = (began / whole * 100.0).min(100.0);
    let width = (row.duration_micros as f64 / whole * 100.0).min(100.0 - left);
    format!("left:{left:.2}%;width:{width:.2}%")
}

fn summary(row: &TraceRow) -> String {
    let counted =
        |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let mut told = vec![
        told(row.start_micros),
        time(row.duration_micros),
        counted(row.calls, "call"),
    ];
    if row.tools > 0 {
        told.push(counted(row.tools, "tool"));
    }
    told.extend(tokens(&row.tokens));
    told.extend(row.cost.as_ref().map(money));
    if row.unpriced_calls > 0 {
        told.push(format!("{} unpriced", row.unpriced_calls));
    }
    if row.errors > 0 {
        told.push(counted(row.errors, "error"));
    }
    told.extend(row.models.iter().cloned());
    text(&told.join(" · "))
}

fn figures(row: &SpanRow) -> String {
    let mut told = vec![time(row.duration_micros)];
    let first = row.time_to_first_chunk_micros;
    told.extend(first.map(|first| format!("first chunk {}", time(first))));
    told.extend(tokens(&row.tokens));
    told.extend(row.cost.as_ref().map(money));
    if row.status != "ok" {
        told.push(
            row.error_type
                .clone()
                .unwrap_or_else(|| row.status.to_owned()),
        );
    }
    told.extend(row.finish_reasons.iter().cloned());
    text(&told.join(" · "))
}

fn tokens(tokens: &genspan_store::read::Tokens) -> Vec<String> {
    let part = |count: Option<u64>, what: &str| {
        let count = count.filter(|count| *count > 0)?;
        Some(format!(" ({count} {what})"))
    };
    let input = tokens.input.map(|count| {
        format!(
            "{count} in{}",
            part(tokens.cached, "cached").unwrap_or_default()
        )
    });
    let output = tokens.output.map(|count| {
        format!(
            "{count} out{}",
            part(tokens.reasoning, "reasoning").unwrap_or_default()
        )
    });
    [input, output].into_iter().flatten().collect()
}

fn money(amount: &genspan_store::read::Amount) -> String {
    if amount.currency == "USD" {
        format!("${}", amount.amount)
    } else {
        format!("{} {}", amount.amount, amount.currency)
    }
}

fn time(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros / 100 % 10),
        _ => format!("{}.{:02} s", micros / 1_000_000, micros / 10_000 % 100),
    }
}
