//! Spans without their trees: in a list, and one at a time.

use std::borrow::Cow;

use super::{
    cells, figures,
    table::{Cell, Table},
    text::{fitted, printable},
};
use crate::{spans::SpanFacts, style::Style};

/// Holds a span of a list.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'s> {
    /// The span.
    pub span: &'s SpanFacts,
    /// What is said below it, such as where words were found.
    pub note: Option<&'s str>,
}

/// Draws spans in the order given; those of one trace that stand together have its id above them.
#[must_use]
pub fn list(spans: &[Listed<'_>], style: &Style) -> String {
    let mut table = Table::new(super::TITLES, *style).dispensing_with("cost");
    let mut trace = None;
    for Listed { span, note } in spans {
        if trace != Some(&span.trace_id) {
            trace = Some(&span.trace_id);
            let when = figures::moment(span.start);
            table.heading(format!(
                "trace {}  {when}",
                printable(&span.trace_id, false)
            ));
        }
        let mut cells = cells(span, None, style);
        if let Some(at) = cells.first_mut() {
            *at = Cell::right(figures::clock(span.start));
        }
        table.row(String::new(), &span.name, cells);
        if let Some(note) = note {
            table.heading(format!("  {}", printable(note, style.unicode)));
        }
    }
    table.draw()
}

/// Draws one span in a line without an end, for those that come one by one.
#[must_use]
pub fn line(span: &SpanFacts, style: &Style) -> String {
    let tokens = |count: Option<u64>, what: &str| {
        count.map_or(Cow::Borrowed(""), |count| {
            format!("  {} {what}", figures::count(count)).into()
        })
    };
    let cost = super::cost(span);
    let (separator, cost) = if cost.is_empty() {
        ("", cost)
    } else {
        ("  ", cost)
    };
    let line = format!(
        "{} {}  {}{}{}{}{separator}{cost}",
        figures::clock(span.start),
        span.name,
        figures::time(span.duration()),
        tokens(span.tokens.input, "in"),
        tokens(span.tokens.cached.filter(|cached| *cached > 0), "cached"),
        tokens(span.tokens.output, "out"),
    );
    let end = super::end(span, style);
    let line = format!("{line}  {}", end.text());
    let line = printable(line.trim_end(), style.unicode);
    fitted(&line, style.width, style.unicode)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::spans::{Spent, Tokens};

    fn span(trace: &str, name: &str) -> SpanFacts {
        SpanFacts {
            trace_id: trace.to_owned(),
            name: name.to_owned(),
            start: 1_795_246_095_000_000_000,
            end: 1_795_246_095_445_000_000,
            tokens: Tokens {
                input: Some(60),
                cached: Some(15),
                output: Some(16),
            },
            first_chunk: Some(Duration::from_millis(20)),
            cost: Some(Spent {
                amount: "0.00004".parse().unwrap(),
                currency: "USD".to_owned(),
            }),
            finish_reasons: vec!["stop".to_owned()],
            ..SpanFacts::default()
        }
    }

    #[test]
    fn a_list_names_traces_and_shows_what_was_found() {
        let (one, other) = (span("a1", "chat gpt-4o"), span("b2", "execute_tool x"));
        let listed = |span, note| Listed { span, note };
        let drawn = list(
            &[
                listed(&one, Some("… to Paris\u{1b}[2m …")),
                listed(&one, None),
                listed(&other, None),
            ],
            &Style::PLAIN,
        );
        insta::assert_snapshot!(drawn, @"
                             at  time first in cached out      cost  end
        trace a1  2026-11-21 07:28:15 UTC
        chat gpt-4o    07:28:15 445ms  20ms 60     15  16 $0.000040  stop
          ? to Paris?[2m ?
        chat gpt-4o    07:28:15 445ms  20ms 60     15  16 $0.000040  stop
        trace b2  2026-11-21 07:28:15 UTC
        execute_tool x 07:28:15 445ms  20ms 60     15  16 $0.000040  stop
        ");
        assert_eq!(list(&[], &Style::PLAIN), "");
    }

    #[test]
    fn a_line_says_it_all() {
        insta::assert_snapshot!(line(&span("a1", "chat gpt-4o"), &Style::PLAIN), @"07:28:15 chat gpt-4o  445ms  60 in  15 cached  16 out  $0.000040  stop");
        let failed = SpanFacts {
            name: "execute_tool \u{1b}x".to_owned(),
            error: Some("timeout".to_owned()),
            start: 1_795_246_095_000_000_000,
            end: 1_795_246_095_000_000_000,
            ..SpanFacts::default()
        };
        insta::assert_snapshot!(line(&failed, &Style::PLAIN), @"07:28:15 execute_tool ?x  0ms  ! timeout");
    }
}
