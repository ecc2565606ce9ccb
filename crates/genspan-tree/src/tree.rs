//! Draws traces as trees: one line a span, aligned columns, no wider than asked.
//!
//! Plain data goes in, text comes out; what the terminal can show is for [`Style`] to say.

pub(crate) mod figures;
mod list;
mod rows;
mod shape;
mod table;
mod text;

use std::time::Duration;

use crate::{
    spans::{SpanFacts, Trace},
    style::Style,
};

pub use self::{
    list::{Listed, line, list},
    rows::{moment, rows},
};
use self::{
    shape::{Place, places},
    table::{Cell, Table},
};

/// The columns behind the name, in order; one that is empty throughout is left out, and the cost where
/// names would be cut for it.
const TITLES: [&str; 8] = ["at", "time", "first", "in", "cached", "out", "cost", "end"];

/// Draws the traces in the order given.
#[must_use]
pub fn render(traces: &[Trace], style: &Style) -> String {
    let mut table = Table::new(TITLES, *style).dispensing_with("cost");
    for trace in traces {
        let when = figures::moment(trace.start());
        table.heading(format!("trace {}  {when}", trace.id));
        for place in places(&trace.spans) {
            table.row(
                branches(&place, style),
                &place.span.name,
                cells(place.span, place.offset, style),
            );
        }
    }
    table.draw()
}

/// Draws the lines that lead to a span.
fn branches(place: &Place<'_>, style: &Style) -> String {
    let (through, blank, fork, last) = if style.unicode {
        ("│  ", "   ", "├─ ", "└─ ")
    } else {
        ("|  ", "   ", "|- ", "`- ")
    };
    let cut = if style.unicode { "…" } else { "." };
    // What is not drawn of the way to a deep span.
    let mut drawn = if place.depth > place.is_last.len() {
        cut.to_owned()
    } else {
        String::new()
    };
    if let Some((own, above)) = place.is_last.split_last() {
        for is_last in above {
            drawn.push_str(if *is_last { blank } else { through });
        }
        drawn.push_str(if *own { last } else { fork });
    }
    if place.is_orphan {
        // Its parent was recorded elsewhere, or is not here yet.
        drawn.push_str(if style.unicode { "… " } else { ".. " });
    }
    drawn
}

fn cells(span: &SpanFacts, offset: Option<Duration>, style: &Style) -> [Cell; 8] {
    let count = |tokens: Option<u64>| Cell::right(tokens.map(figures::count).unwrap_or_default());
    [
        Cell::right(
            offset
                .map(|offset| format!("+{}", figures::time(offset)))
                .unwrap_or_default(),
        ),
        Cell::right(figures::time(span.duration())),
        Cell::right(span.first_chunk.map(figures::time).unwrap_or_default()),
        count(span.tokens.input),
        count(span.tokens.cached),
        count(span.tokens.output),
        Cell::right(cost(span)),
        end(span, style),
    ]
}

/// Writes what a span cost; a sum that lacks calls is the least it may be.
fn cost(span: &SpanFacts) -> String {
    let mark = if span.unpriced_calls > 0 { "+" } else { "" };
    let cost = span.cost.as_ref();
    cost.map(|cost| figures::money(cost.amount, &cost.currency) + mark)
        .unwrap_or_default()
}

fn end(span: &SpanFacts, style: &Style) -> Cell {
    let reasons = span.finish_reasons.join(",");
    let Some(error) = &span.error else {
        return Cell::left(reasons);
    };
    let mark = if style.unicode { '✗' } else { '!' };
    let separator = if reasons.is_empty() { "" } else { ", " };
    Cell::bad(format!("{mark} {error}{separator}{reasons}"))
}

#[cfg(test)]
mod tests;
