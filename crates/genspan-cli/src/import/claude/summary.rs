//! What an import of messages comes to.

use std::fmt;

use genspan::Report;
use genspan_claude::Imported;

use super::super::summary::{counted, write_losses};

/// Holds all there is to tell at the end.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) imported: Imported,
    pub(super) report: Report,
}

/// The summary is for people: so much of each kind is told, the rest is counted.
const MOST: usize = 10;

impl Summary {
    /// Tells whether something was left out that should have become telemetry.
    pub(super) fn has_losses(&self) -> bool {
        self.imported.unreadable > 0
            || self
                .imported
                .troubles
                .iter()
                .any(|trouble| trouble.is_fatal)
            || !self.report.is_complete()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Imported {
            streams,
            transcripts,
            lines,
            unreadable,
            copies,
            untimed,
            troubles,
            tally,
            ..
        } = &self.imported;
        write!(
            f,
            "{} read from {} and {}: {}, {}, {}, {}; {unreadable} unreadable",
            counted(*lines, "message", "messages"),
            counted(*streams, "stream", "streams"),
            counted(*transcripts, "transcript", "transcripts"),
            counted(tally.runs, "run", "runs"),
            counted(tally.sub_agents, "sub-agent", "sub-agents"),
            counted(tally.calls, "call", "calls"),
            counted(tally.tools, "tool", "tools"),
        )?;
        let repeated = copies + tally.repeated;
        if repeated > 0 {
            write!(f, ", {} of one before", counted(repeated, "copy", "copies"))?;
        }
        writeln!(f)?;
        if !tally.unknown.is_empty() {
            let mut unknown: Vec<String> = tally
                .unknown
                .iter()
                .take(MOST)
                .map(|(kind, count)| format!("{kind} ({count})"))
                .collect();
            if tally.unknown.len() > MOST {
                unknown.push(format!("{} more", tally.unknown.len() - MOST));
            }
            writeln!(
                f,
                "passed over, of types that are not known: {}",
                unknown.join(", ")
            )?;
        }
        for name in untimed.iter().take(MOST) {
            writeln!(
                f,
                "  {name}: no line states a time; all of them are derived (see --ended)"
            )?;
        }
        for trouble in troubles.iter().take(MOST) {
            match trouble.line {
                Some(line) => writeln!(f, "  {}, line {line}: {}", trouble.source, trouble.told)?,
                None => writeln!(f, "  {}: {}", trouble.source, trouble.told)?,
            }
        }
        let more = untimed.len().saturating_sub(MOST) + troubles.len().saturating_sub(MOST);
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        write_losses(&self.report, f)
    }
}
