//! What an import of OTLP comes to.

use std::fmt;

use genspan::Report;
use genspan_otlp::Counts;

use super::super::{
    reasons::Reasons,
    summary::{counted, write_losses},
};

/// Counts what an import met.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) files: u64,
    /// Lines that are not blank.
    pub(super) lines: u64,
    pub(super) read: Counts,
    pub(super) unreadable: u64,
    /// Spans of readable lines that were left out.
    pub(super) left_out: u64,
    /// Files that could not be read, or not to their end.
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
    /// Tells whether something was left out.
    pub(super) const fn has_losses(&self) -> bool {
        let Tally {
            unreadable,
            left_out,
            broken_files,
            ..
        } = self.tally;
        unreadable > 0 || left_out > 0 || broken_files > 0 || !self.report.is_complete()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = &self.tally;
        write!(
            f,
            "{} read from {}: {}; {} unreadable",
            counted(tally.lines, "line", "lines"),
            counted(tally.files, "file", "files"),
            tally.read,
            tally.unreadable
        )?;
        if tally.left_out > 0 {
            let spans = counted(tally.left_out, "span", "spans");
            write!(f, ", {spans} left out")?;
        }
        writeln!(f)?;
        write!(f, "{}", tally.reasons)?;
        write_losses(&self.report, f)
    }
}
