//! What became of the items: delivered, lost and why, kept for later.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Counts, Signal};

/// Says why items were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// More waited than the queue may hold.
    QueueFull,
    /// They came after the pipeline was shut down.
    Closed,
    /// The destination takes no item this large, even when it is cut.
    TooLarge,
    /// The destination refused the request for good.
    Refused,
    /// The destination took the request but not these items of it.
    Rejected,
    /// The destination is away and its spool is full.
    SpoolFull,
    /// The destination is away and its spool cannot be written.
    SpoolFailed,
    /// What the spool held could not be read back.
    SpoolUnreadable,
    /// The destination did not answer until the end, and there is no spool on disk.
    Unreachable,
    /// The file or standard output could not be written.
    WriteFailed,
}

impl Reason {
    /// Gives the word for metrics, as `genspan.drop.reason` states it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Closed => "closed",
            Self::TooLarge => "too_large",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::SpoolFull => "spool_full",
            Self::SpoolFailed => "spool_failed",
            Self::SpoolUnreadable => "spool_unreadable",
            Self::Unreachable => "unreachable",
            Self::WriteFailed => "write_failed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "the queue was full",
            Self::Closed => "they came after the end",
            Self::TooLarge => "they were too large",
            Self::Refused => "they were refused",
            Self::Rejected => "they were rejected",
            Self::SpoolFull => "the spool was full",
            Self::SpoolFailed => "the spool could not be written",
            Self::SpoolUnreadable => "the spool could not be read",
            Self::Unreachable => "the destination did not answer",
            Self::WriteFailed => "they could not be written",
        })
    }
}

/// Holds how many items of one signal were lost for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The signal.
    pub signal: Signal,
    /// Why.
    pub reason: Reason,
    /// How many spans, log records or data points.
    pub count: u64,
}

/// Tells what became of everything, for each destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One entry for each destination, in the order in which they were given.
    pub destinations: Vec<DestinationReport>,
}

/// Tells what became of the items for one destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DestinationReport {
    /// The destination, without secrets.
    pub name: String,
    /// What it acknowledged.
    pub delivered: Counts,
    /// What is gone, by signal and reason.
    pub lost: Vec<Lost>,
    /// What waits in the spool, that of earlier runs included.
    pub spooled: Counts,
    /// Where the spool is, if it is on disk.
    pub spool: Option<PathBuf>,
    /// What is still on its way.
    pub pending: Counts,
    /// The last thing that went wrong, in words.
    pub trouble: Option<String>,
}

impl DestinationReport {
    /// Tells whether everything arrived.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.lost.is_empty() && self.spooled.is_empty() && self.pending.is_empty()
    }

    /// Counts all that is gone.
    #[must_use]
    pub fn lost_in_all(&self) -> u64 {
        self.lost.iter().map(|lost| lost.count).sum()
    }
}

impl fmt::Display for DestinationReport {
    /// Writes one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} delivered", self.name, self.delivered)?;
        if !self.pending.is_empty() {
            write!(f, "; {} still on their way", self.pending)?;
        }
        if !self.spooled.is_empty() {
            write!(f, "; {} kept", self.spooled)?;
            if let Some(spool) = &self.spool {
                write!(f, " in {} and sent when it answers again", spool.display())?;
            }
        }
        let reasons: BTreeMap<Reason, Counts> =
            self.lost.iter().fold(BTreeMap::new(), |mut reasons, lost| {
                reasons
                    .entry(lost.reason)
                    .or_insert_with(Counts::default)
                    .add(lost.signal, lost.count);
                reasons
            });
        for (reason, counts) in reasons {
            write!(f, "; {counts} lost because {reason}")?;
        }
        match &self.trouble {
            Some(trouble) if !self.is_complete() => write!(f, " ({trouble})"),
            _ => Ok(()),
        }
    }
}

impl Report {
    /// Tells whether everything arrived everywhere.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.destinations.iter().all(DestinationReport::is_complete)
    }
}

impl fmt::Display for Report {
    /// Writes one line for each destination.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for destination in &self.destinations {
            write!(f, "{separator}{destination}")?;
            separator = "\n";
        }
        Ok(())
    }
}

impl From<Report> for genspan::Report {
    fn from(report: Report) -> Self {
        let in_all = |counts: &Counts| {
            Signal::ALL
                .map(|signal| counts.of(signal))
                .iter()
                .sum::<u64>()
        };
        let destinations = report.destinations.iter();
        Self {
            undelivered: destinations
                .clone()
                .map(|one| one.lost_in_all() + in_all(&one.pending))
                .sum(),
            spooled: destinations.clone().map(|one| in_all(&one.spooled)).sum(),
            notes: destinations
                .filter(|one| !one.is_complete())
                .map(ToString::to_string)
                .collect(),
            ..Self::default()
        }
    }
}

/// Counts for one destination; the queue, the worker and reports share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<Tally>>);

#[derive(Debug, Default)]
struct Tally {
    delivered: Counts,
    lost: BTreeMap<(Signal, Reason), u64>,
    spooled: Counts,
    pending: Counts,
    trouble: Option<String>,
    spool: Option<PathBuf>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Tally> {
        // A panic elsewhere leaves the counts as true as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts items as taken on and not yet settled.
    pub(crate) fn accept(&self, signal: Signal, count: u64) {
        self.lock().pending.add(signal, count);
    }

    /// Counts items as lost that were never taken on.
    pub(crate) fn refuse(&self, signal: Signal, count: u64, reason: Reason) {
        *self.lock().lost.entry((signal, reason)).or_default() += count;
    }

    /// Settles items that were on their way.
    pub(crate) fn lose(&self, signal: Signal, count: u64, reason: Reason) {
        if count > 0 {
            let mut tally = self.lock();
            tally.pending.take_off(signal, count);
            *tally.lost.entry((signal, reason)).or_default() += count;
        }
    }

    /// Settles items that the destination acknowledged.
    pub(crate) fn deliver(&self, signal: Signal, count: u64) {
        let mut tally = self.lock();
        tally.pending.take_off(signal, count);
        tally.delivered.add(signal, count);
    }

    /// Moves items that were on their way to the spool.
    pub(crate) fn spool(&self, signal: Signal, count: u64) {
        let mut tally = self.lock();
        tally.pending.take_off(signal, count);
        tally.spooled.add(signal, count);
    }

    /// Counts what an earlier run left in the spool.
    pub(crate) fn found(&self, signal: Signal, count: u64) {
        self.lock().spooled.add(signal, count);
    }

    /// Takes items from the spool back on their way.
    pub(crate) fn unspool(&self, signal: Signal, count: u64) {
        let mut tally = self.lock();
        tally.spooled.take_off(signal, count);
        tally.pending.add(signal, count);
    }

    pub(crate) fn trouble(&self, trouble: impl Into<String>) {
        self.lock().trouble = Some(trouble.into());
    }

    pub(crate) fn lost(&self) -> Vec<Lost> {
        let tally = self.lock();
        tally
            .lost
            .iter()
            .map(|(&(signal, reason), &count)| Lost {
                signal,
                reason,
                count,
            })
            .collect()
    }

    pub(crate) fn spool_at(&self, path: Option<&Path>) {
        self.lock().spool = path.map(Path::to_owned);
    }

    pub(crate) fn report(&self, name: String) -> DestinationReport {
        let lost = self.lost();
        let tally = self.lock();
        DestinationReport {
            name,
            delivered: tally.delivered,
            lost,
            spooled: tally.spooled,
            spool: tally.spool.clone(),
            pending: tally.pending,
            trouble: tally.trouble.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_it_all() {
        let ledger = Ledger::default();
        ledger.accept(Signal::Traces, 12);
        ledger.deliver(Signal::Traces, 5);
        ledger.spool(Signal::Traces, 4);
        ledger.lose(Signal::Traces, 2, Reason::Refused);
        ledger.refuse(Signal::Logs, 1, Reason::QueueFull);
        ledger.trouble("connection refused");
        ledger.spool_at(Some(Path::new("/s")));
        let report = ledger.report("http://localhost:4318".to_owned());
        insta::assert_snapshot!(report, @"http://localhost:4318: 5 spans delivered; 1 span still on their way; 4 spans kept in /s and sent when it answers again; 1 log record lost because the queue was full; 2 spans lost because they were refused (connection refused)");
        let whole = genspan::Report::from(Report {
            destinations: vec![report],
        });
        assert_eq!(
            (whole.undelivered, whole.spooled, whole.notes.len()),
            (4, 4, 1)
        );
    }

    #[test]
    fn success_is_short() {
        let ledger = Ledger::default();
        ledger.accept(Signal::Metrics, 1);
        ledger.deliver(Signal::Metrics, 1);
        let report = ledger.report("stdout".to_owned());
        assert!(report.is_complete());
        assert_eq!(report.to_string(), "stdout: 1 metric data point delivered");
    }
}
