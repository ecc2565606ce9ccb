//! What an import of exchanges comes to.

use std::fmt;

use genspan::Report;

use super::reasons::Reasons;

/// Counts what an import met.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) exchanges: u64,
    pub(super) spans: u64,
    /// Spans of exchanges whose answer was not in the file.
    pub(super) without_answer: u64,
    /// Spans of exchanges of whose answer a part was in the file.
    pub(super) in_part: u64,
    /// Spans whose moment had no time zone.
    pub(super) zoneless: u64,
    pub(super) unrelated: u64,
    /// Requests to models that were never sent, as far as the file tells.
    pub(super) unsent: u64,
    /// Entries that are the very same as one before.
    pub(super) copies: u64,
    pub(super) unreadable: u64,
    /// Bodies of spans that could not be read.
    pub(super) bodies: u64,
    /// Files that could not be read to their end.
    pub(super) broken_files: u64,
    /// What was wrong with those that were not read.
    pub(super) reasons: Reasons,
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
        let Tally {
            unreadable,
            bodies,
            broken_files,
            ..
        } = self.tally;
        unreadable > 0 || bodies > 0 || broken_files > 0 || !self.report.is_complete()
    }
}

/// Writes what did not arrive, and where; nothing where all did.
pub(super) fn write_losses(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !report.is_complete() {
        writeln!(f, "{report}")?;
        for note in &report.notes {
            writeln!(f, "  {note}")?;
        }
    }
    Ok(())
}

/// Counts in words.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tally)?;
        write_losses(&self.report, f)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} read from {}: {} written, {} not inference, {} unreadable",
            counted(self.exchanges, "exchange", "exchanges"),
            counted(self.files, "file", "files"),
            counted(self.spans, "span", "spans"),
            self.unrelated,
            self.unreadable,
        )?;
        if self.copies > 0 {
            write!(
                f,
                ", {} of one before",
                counted(self.copies, "copy", "copies")
            )?;
        }
        if self.unsent > 0 {
            write!(f, ", {} never sent", self.unsent)?;
        }
        writeln!(f)?;
        let spans = |count, rest| {
            (count > 0).then(|| format!("{} {rest}", counted(count, "span has", "spans have")))
        };
        let notes = [
            spans(
                self.without_answer,
                "no answer, since the file does not hold it",
            ),
            spans(
                self.in_part,
                "only the part of the answer that the file holds",
            ),
            spans(
                self.zoneless,
                "a start without a time zone, which was read as UTC",
            ),
        ];
        for note in notes.into_iter().flatten() {
            writeln!(f, "{note}")?;
        }
        write!(f, "{}", self.reasons)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::reasons::Place, *};

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
            files: 3,
            exchanges: 25,
            spans: 8,
            without_answer: 1,
            in_part: 2,
            zoneless: 1,
            unsent: 2,
            copies: 1,
            unreadable: 14,
            bodies: 1,
            broken_files: 2,
            ..Tally::default()
        };
        let path = Path::new("a.har");
        for entry in 1..=3 {
            tally.reasons.part(
                "time".to_owned(),
                Place::entry(path, entry),
                format!("no time {entry}"),
            );
        }
        for entry in 4..=14 {
            tally.reasons.part(
                entry.to_string(),
                Place::entry(path, entry),
                format!("odd {entry}"),
            );
        }
        tally.reasons.part(
            "body".to_owned(),
            Place::entry(path, 15),
            "no body".to_owned(),
        );
        for file in ["b.har", "c.har"] {
            tally.reasons.file(Path::new(file), "empty".to_owned());
        }
        let report = Report {
            undelivered: 2,
            notes: vec!["http://a: 4 spans delivered".to_owned()],
            ..Report::default()
        };
        let summary = Summary { tally, report };
        assert!(summary.has_losses());
        insta::assert_snapshot!(summary, @"
        25 exchanges read from 3 files: 8 spans written, 0 not inference, 14 unreadable, 1 copy of one before, 2 never sent
        1 span has no answer, since the file does not hold it
        2 spans have only the part of the answer that the file holds
        1 span has a start without a time zone, which was read as UTC
          a.har, entry 1, and 2 more: no time 1
          a.har, entry 4: odd 4
          a.har, entry 5: odd 5
          a.har, entry 6: odd 6
          a.har, entry 7: odd 7
          a.har, entry 8: odd 8
          a.har, entry 9: odd 9
          a.har, entry 10: odd 10
          a.har, entry 11: odd 11
          a.har, entry 12: odd 12
          b.har: empty
          c.har: empty
          and 3 more
        2 items undelivered
          http://a: 4 spans delivered
        ");
    }
}
