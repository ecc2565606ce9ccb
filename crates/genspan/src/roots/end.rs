//! The ends of runs, each once.

use super::{Inner, Known, Live, LiveRoots, RunEnd, RunOutcome, resume::Found};
use crate::{Active, AgentInvocation, Telemetry, Timestamp, journal::Hold};

/// Tells what came of ending a run by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finalised {
    /// Its span ended, and it was counted.
    Ended,
    /// Nobody knows its span, as after a restart without a journal; it was counted.
    Counted,
    /// It had ended before, here or in another process; nothing was done.
    Known,
}

impl LiveRoots {
    /// Ends a run: its span, and its count, each once whoever calls.
    ///
    /// With a journal a run that is not live here is resumed first, so that its span ends as well.
    #[allow(
        clippy::must_use_candidate,
        reason = "the work is done whoever looks at what came of it"
    )]
    pub fn finalise(&self, telemetry: &Telemetry, key: &str, end: RunEnd) -> Finalised {
        let mut table = self.0.lock();
        if let Some(live) = table.take(key) {
            drop(table);
            return self.0.conclude(live, end);
        }
        if table.known(key) == Known::Gone {
            return Finalised::Known;
        }
        // From here on the key is this call's alone.
        table.bury(key);
        drop(table);
        match self.0.look_up(telemetry, key) {
            Found::Live(live) => self.0.conclude(*live, end),
            Found::Ended => Finalised::Known,
            Found::Unknown if self.0.bury(key, end.outcome, telemetry.now()) => {
                self.0.count(end.outcome);
                Finalised::Counted
            }
            Found::Unknown => Finalised::Known,
        }
    }

    /// Ends a run as discarded, for one that turned out to be none; it is not counted.
    ///
    /// Tells whether there was such a run, here or in the journal.
    #[allow(
        clippy::must_use_candidate,
        reason = "the work is done whoever looks at what came of it"
    )]
    pub fn discard(&self, telemetry: &Telemetry, key: &str) -> bool {
        let mut table = self.0.lock();
        let live = table.take(key);
        let is_gone = table.known(key) == Known::Gone;
        drop(table);
        let live = match live {
            Some(live) => live,
            None if is_gone => return false,
            None => match self.0.look_up(telemetry, key) {
                Found::Live(live) => *live,
                Found::Ended | Found::Unknown => return false,
            },
        };
        self.0.lock().bury(key);
        let now = live.root.now();
        let is_ours = self.0.may_end(&live, RunOutcome::Discarded, now);
        if is_ours {
            self.0.end_uncounted(live.root);
        } else {
            live.root.discard();
        }
        is_ours
    }

    /// Ends a run that was never kept; it is counted as those that were.
    pub fn end(&self, root: Active<AgentInvocation>, end: RunEnd) {
        let outcome = end.outcome;
        self.0.end_span(root, end);
        self.0.count(outcome);
    }

    /// Lets go of all runs: those in the journal stay open for whoever resumes them, the others end as abandoned.
    ///
    /// The recorder's shutdown does this, and so does the last of those who hold this. Where a span cannot be
    /// taken back ([`Sink::can_discard`](crate::Sink::can_discard)) runs in the journal end as well.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Inner {
    pub(super) fn close(&self) {
        let all = self.lock().drain();
        for (key, live) in all {
            if live.hold.is_some() && live.root.telemetry().can_discard() {
                live.root.discard();
            } else {
                self.lock().bury(&key);
                self.abandon(live);
            }
        }
    }

    pub(super) fn abandon(&self, live: Live) {
        self.conclude(live, RunEnd::new(RunOutcome::Abandoned));
    }

    /// Ends a run that is out of the table, unless another process has taken it over meanwhile.
    pub(super) fn conclude(&self, live: Live, end: RunEnd) -> Finalised {
        let now = live.root.now();
        if !self.may_end(&live, end.outcome, now) {
            live.root.discard();
            return Finalised::Known;
        }
        let outcome = end.outcome;
        self.end_span(live.root, end);
        self.count(outcome);
        Finalised::Ended
    }

    pub(super) fn end_uncounted(&self, root: Active<AgentInvocation>) {
        self.end_span(root, RunEnd::new(RunOutcome::Discarded));
    }

    fn end_span(&self, mut root: Active<AgentInvocation>, end: RunEnd) {
        let words = self.words;
        root.common.set(words.outcome, end.outcome.as_str());
        if let Some(turns) = end.turns {
            root.common.set(words.turns, turns);
        }
        if let Some(usage) = end.usage {
            root.usage = usage;
        }
        root.end_as(end.into_outcome());
    }

    fn count(&self, outcome: RunOutcome) {
        if outcome != RunOutcome::Discarded
            && let Some(count) = &self.count
        {
            count(outcome);
        }
    }

    /// Asks the journal whether a run is still ours to end. A journal that cannot be asked does not keep it open.
    fn may_end(&self, live: &Live, outcome: RunOutcome, now: Timestamp) -> bool {
        match &live.hold {
            Some((key, hold)) => self.end_in_journal(key, *hold, outcome, now),
            None => true,
        }
    }

    /// Notes the end of a run of which nobody knows the span; tells whether it is the first word of its end.
    fn bury(&self, key: &str, outcome: RunOutcome, now: Timestamp) -> bool {
        let Some(journal) = &self.journal else {
            return true;
        };
        journal
            .bury(key, outcome.as_str(), now)
            .unwrap_or_else(|_| {
                self.journal_failed();
                true
            })
    }

    pub(super) fn end_in_journal(
        &self,
        key: &str,
        hold: Hold,
        outcome: RunOutcome,
        now: Timestamp,
    ) -> bool {
        let Some(journal) = &self.journal else {
            return true;
        };
        journal
            .end(key, hold, outcome.as_str(), now)
            .unwrap_or_else(|_| {
                self.journal_failed();
                true
            })
    }
}

impl Drop for Inner {
    /// Ends what is left as a shutdown does.
    fn drop(&mut self) {
        self.close();
    }
}
