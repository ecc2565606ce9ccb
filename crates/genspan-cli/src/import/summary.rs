//! What an import comes to.

use std::fmt;

use genspan::Report;

/// Counts what an import met.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) exchanges: u64,
    pub(super) spans: u64,
    /// Spans of exchanges whose answer was not in the file.
    pub(super) without_answer: u64,
    pub(super) unrelated: u64,
    pub(super) unreadable: u64,
    /// Files that could not be read to their end.
    pub(super) broken_files: u64,
    /// What was wrong with the first of those that were not read, one line each.
    pub(super) reasons: Vec<String>,
}

impl Tally {
    /// The summary is for people: so many reasons are told, the rest is counted.
    const REASONS: usize = 10;

    /// Notes why something was not read.
    pub(super) fn reason(&mut self, reason: String) {
        if self.reasons.len() < Self::REASONS {
            self.reasons.push(reason);
        }
    }
}

/// Holds all there is to tell at the end.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) tally: Tally,
    pub(super) report: Report,
}

impl Summary {
    /// Tells whether something was left out that should have become telemetry.
    pub(super) const fn has_losses(&self) -> bool {
        self.tally.unreadable > 0 || self.tally.broken_files > 0 || !self.report.is_complete()
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            files,
            exchanges,
            spans,
            without_answer,
            unrelated,
            unreadable,
            broken_files,
            reasons,
        } = &self.tally;
        writeln!(
            f,
            "{} read from {}: {} written, {unrelated} not inference, {unreadable} unreadable",
            counted(*exchanges, "exchange", "exchanges"),
            counted(*files, "file", "files"),
            counted(*spans, "span", "spans"),
        )?;
        if *without_answer > 0 {
            let spans = counted(*without_answer, "span has", "spans have");
            writeln!(f, "{spans} no answer, since the file does not hold it")?;
        }
        for reason in reasons {
            writeln!(f, "  {reason}")?;
        }
        let told = u64::try_from(reasons.len()).unwrap_or(u64::MAX);
        let more = (unreadable + broken_files).saturating_sub(told);
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        if !self.report.is_complete() {
            writeln!(f, "{}", self.report)?;
            for note in &self.report.notes {
                writeln!(f, "  {note}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_import_is_one_line() {
        let tally = Tally {
            files: 1,
            exchanges: 3,
            spans: 1,
            unrelated: 2,
            ..Tally::default()
        };
        let summary = Summary {
            tally,
            report: Report::default(),
        };
        assert!(!summary.has_losses());
        insta::assert_snapshot!(summary, @"3 exchanges read from 1 file: 1 span written, 2 not inference, 0 unreadable");
    }

    #[test]
    fn losses_are_told_with_their_reasons() {
        let mut tally = Tally {
            files: 2,
            exchanges: 20,
            spans: 6,
            without_answer: 1,
            unreadable: 13,
            broken_files: 1,
            ..Tally::default()
        };
        for entry in 1..=14 {
            tally.reason(format!("a.har, entry {entry}: no time"));
        }
        let report = Report {
            undelivered: 2,
            notes: vec!["http://a: 4 spans delivered".to_owned()],
            ..Report::default()
        };
        let summary = Summary { tally, report };
        assert!(summary.has_losses());
        insta::assert_snapshot!(summary, @"
        20 exchanges read from 2 files: 6 spans written, 0 not inference, 13 unreadable
        1 span has no answer, since the file does not hold it
          a.har, entry 1: no time
          a.har, entry 2: no time
          a.har, entry 3: no time
          a.har, entry 4: no time
          a.har, entry 5: no time
          a.har, entry 6: no time
          a.har, entry 7: no time
          a.har, entry 8: no time
          a.har, entry 9: no time
          a.har, entry 10: no time
          and 4 more
        2 items undelivered
          http://a: 4 spans delivered
        ");
    }
}
