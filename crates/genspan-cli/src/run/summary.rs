//! What is told after a run, on one screen.

use std::collections::{HashSet, VecDeque};

use genspan_tree::{SpanFacts, Spending, Style, Tokens, Trace, into_traces};

use super::recording::Recorded;

/// Holds what there is to tell.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    /// `None` where nothing could be recorded.
    pub(super) recorded: Option<&'a Recorded>,
    /// How the child ended.
    pub(super) exit_code: u8,
    /// The variables that the child was given.
    pub(super) variables: &'a [&'static str],
    /// Troubles, one line each.
    pub(super) notes: &'a [String],
    /// Whether the calls can be looked at again with `genspan show`.
    pub(super) is_stored: bool,
}

/// Spans that are shown of the last traces, so that all fits a screen.
const SHOWN: usize = 12;

impl Summary<'_> {
    /// Writes the text, a line break at its end.
    pub(super) fn text(&self, style: &Style) -> String {
        let mut text = String::new();
        match self.recorded {
            None => text.push_str("genspan: nothing was recorded; the program ran without it\n"),
            Some(recorded) if recorded.seen.calls == 0 => self.no_calls(&mut text),
            Some(recorded) => self.calls(recorded, style, &mut text),
        }
        for note in self.notes {
            line(&mut text, &format!("  note: {note}"));
        }
        text
    }

    fn calls(&self, recorded: &Recorded, style: &Style, text: &mut String) {
        let seen = &recorded.seen;
        let failed = if seen.failed > 0 {
            format!(", {} failed", seen.failed)
        } else {
            String::new()
        };
        let repeated = if seen.repeated > 0 {
            format!(", {} repeated", seen.repeated)
        } else {
            String::new()
        };
        let calls = counted(seen.calls, "call");
        line(
            text,
            &format!(
                "genspan: {calls}{failed}{repeated}{}{}",
                tokens(seen.tokens),
                cost(&seen.spending)
            ),
        );
        let (traces, left_out) = latest(&seen.spans);
        text.push_str(&genspan_tree::render(&traces, style));
        if left_out > 0 {
            line(text, &format!("  and {} before", counted(left_out, "span")));
        }
        if seen.unsampled > 0 {
            let calls = counted(seen.unsampled, "call");
            line(
                text,
                &format!(
                    "  {calls} without a span: the program's own traceparent says not to sample"
                ),
            );
        }
        for delivery in &recorded.deliveries {
            let mark = if delivery.is_complete {
                ""
            } else {
                "not all arrived: "
            };
            line(text, &format!("  {mark}{}", delivery.line));
        }
        let losses = &recorded.losses;
        if losses.lost_operations > 0 || losses.lost_content > 0 {
            let (whole, content) = (losses.lost_operations, losses.lost_content);
            line(
                text,
                &format!("  too much at once: {whole} calls lost, {content} without their content"),
            );
        }
        if recorded.skipped_bytes > 0 {
            line(
                text,
                &format!(
                    "  too much at once: {} were not looked at",
                    counted(recorded.skipped_bytes, "byte")
                ),
            );
        }
        if self.is_stored {
            line(text, &look_again(&seen.spans));
        }
    }

    fn no_calls(&self, text: &mut String) {
        line(
            text,
            "genspan: no call to a model was seen. That may be because",
        );
        let ended = if self.exit_code == 0 {
            "it called none".to_owned()
        } else {
            format!(
                "it ended before it called one (exit code {})",
                self.exit_code
            )
        };
        line(text, &format!("  - {ended};"));
        line(
            text,
            "  - it takes the provider's address from its own settings and not from a variable;",
        );
        line(
            text,
            "  - it speaks a format that genspan passes on and does not read yet;",
        );
        line(
            text,
            "  - it started a service that was running already, or one that outlives it.",
        );
        line(text, "Try");
        if self.variables.is_empty() {
            line(
                text,
                "  - to set OPENAI_BASE_URL or ANTHROPIC_BASE_URL to where its calls should go;",
            );
        } else {
            line(
                text,
                "  - to have it read one of these, which genspan sets for it:",
            );
            for names in self.variables.chunks(3) {
                line(text, &format!("      {}", names.join(" ")));
            }
        }
        line(
            text,
            "  - `genspan proxy`, whose fixed addresses you can write into its settings.",
        );
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn tokens(tokens: Tokens) -> String {
    let input = tokens.input.map(|input| {
        let cached = tokens.cached.filter(|cached| *cached > 0);
        format!(
            "{input} in{}",
            cached
                .map(|cached| format!(" ({cached} cached)"))
                .unwrap_or_default()
        )
    });
    let output = tokens.output.map(|output| format!("{output} out"));
    let stated: Vec<_> = [input, output].into_iter().flatten().collect();
    if stated.is_empty() {
        "; no tokens stated".to_owned()
    } else {
        format!("; tokens: {}", stated.join(", "))
    }
}

/// Writes what the calls cost; where nothing is known of any, nothing.
pub(crate) fn cost(spending: &Spending) -> String {
    if spending.is_known() {
        format!("; cost: {spending}")
    } else {
        String::new()
    }
}

/// Says how to see all traces of the run once more.
fn look_again(spans: &VecDeque<SpanFacts>) -> String {
    let traces: HashSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    match traces.len() {
        0 | 1 => "  look again with `genspan show`".to_owned(),
        traces => format!("  look again with `genspan show -n {traces}`"),
    }
}

/// Gives the traces of the spans that ended last, and how many spans are left out.
fn latest(spans: &VecDeque<SpanFacts>) -> (Vec<Trace>, u64) {
    let left_out = spans.len().saturating_sub(SHOWN);
    let traces = into_traces(spans.iter().skip(left_out).cloned().collect());
    (traces, u64::try_from(left_out).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{recording::Delivery, tally::Seen};

    fn recorded(calls: u64) -> Recorded {
        let span = |at: u64| SpanFacts {
            trace_id: format!("{at:032x}"),
            span_id: format!("{at:016x}"),
            name: "chat gpt-4o-mini".to_owned(),
            start: at * 1_000_000_000,
            end: at * 1_000_000_000 + 250_000_000,
            ..SpanFacts::default()
        };
        Recorded {
            seen: Seen {
                calls,
                failed: u64::from(calls > 1),
                repeated: 0,
                unsampled: 0,
                tokens: Tokens {
                    input: (calls > 0).then_some(1_204),
                    cached: Some(900),
                    output: None,
                },
                spending: Spending::default(),
                spans: (1..=calls).map(span).collect(),
            },
            deliveries: vec![Delivery {
                line: "store:/h/store.db: 2 spans delivered".to_owned(),
                is_complete: true,
            }],
            losses: genspan::Report::default(),
            skipped_bytes: 0,
        }
    }

    fn text(recorded: Option<&Recorded>, notes: &[String]) -> String {
        let variables = [
            "OPENAI_BASE_URL",
            "OPENAI_API_BASE",
            "ANTHROPIC_BASE_URL",
            "OLLAMA_HOST",
        ];
        Summary {
            recorded,
            exit_code: 0,
            variables: &variables,
            notes,
            is_stored: true,
        }
        .text(&Style::PLAIN)
    }

    #[test]
    fn calls_are_summed_up() {
        insta::assert_snapshot!(text(Some(&recorded(2)), &[]), @r#"
        genspan: 2 calls, 1 failed; tokens: 1204 in (900 cached)
                          time
        trace 00000000000000000000000000000001  1970-01-01 00:00:01 UTC
        chat gpt-4o-mini 250ms
        trace 00000000000000000000000000000002  1970-01-01 00:00:02 UTC
        chat gpt-4o-mini 250ms
          store:/h/store.db: 2 spans delivered
          look again with `genspan show -n 2`
        "#);
    }

    #[test]
    fn no_call_says_why_that_may_be_and_what_to_try() {
        insta::assert_snapshot!(text(Some(&recorded(0)), &[]), @r#"
        genspan: no call to a model was seen. That may be because
          - it called none;
          - it takes the provider's address from its own settings and not from a variable;
          - it speaks a format that genspan passes on and does not read yet;
          - it started a service that was running already, or one that outlives it.
        Try
          - to have it read one of these, which genspan sets for it:
              OPENAI_BASE_URL OPENAI_API_BASE ANTHROPIC_BASE_URL
              OLLAMA_HOST
          - `genspan proxy`, whose fixed addresses you can write into its settings.
        "#);
    }

    #[test]
    fn nothing_recorded_says_why() {
        let note = "no recorder: /h cannot be created".to_owned();
        insta::assert_snapshot!(text(None, &[note]), @r#"
        genspan: nothing was recorded; the program ran without it
          note: no recorder: /h cannot be created
        "#);
    }

    #[test]
    fn many_calls_fit_a_screen() {
        let lines = text(Some(&recorded(100)), &[]);
        assert!(
            lines.contains("88 spans before") && lines.lines().count() < 50,
            "{lines}"
        );
    }
}
