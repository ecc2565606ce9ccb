//! A journal of runs in memory, which several recorders share as processes would share a file.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use genspan::{Begun, Hold, Journal, JournalError, OpenRun, RootEntry, Taken, Timestamp};

/// Keeps runs in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    runs: Mutex<Vec<Run>>,
    is_broken: AtomicBool,
}

#[derive(Debug)]
struct Run {
    key: String,
    /// `None` for one whose end is all that is known.
    entry: Option<RootEntry>,
    hold: u64,
    held_since: Timestamp,
    outcome: Option<String>,
}

impl MemoryJournal {
    /// Says whether each use fails from now on.
    pub fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }

    /// Gives how a run ended, `None` while it is open.
    #[must_use]
    pub fn outcome(&self, key: &str) -> Option<String> {
        let runs = self.lock().ok()?;
        let run = runs.iter().find(|run| run.key == key)?;
        run.outcome.clone()
    }

    fn lock(&self) -> Result<MutexGuard<'_, Vec<Run>>, JournalError> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(JournalError::new("the test broke it"));
        }
        Ok(self.runs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal for MemoryJournal {
    fn begin(&self, run: &RootEntry, at: Timestamp) -> Result<Begun, JournalError> {
        let mut runs = self.lock()?;
        if runs.iter().any(|known| known.key == run.key) {
            return Ok(Begun::Known);
        }
        runs.push(Run {
            key: run.key.clone(),
            entry: Some(run.clone()),
            hold: 1,
            held_since: at,
            outcome: None,
        });
        Ok(Begun::Held(Hold(1)))
    }

    fn take(&self, key: &str, at: Timestamp) -> Result<Taken, JournalError> {
        let mut runs = self.lock()?;
        let Some(run) = runs.iter_mut().find(|run| run.key == key) else {
            return Ok(Taken::Unknown);
        };
        match &run.entry {
            Some(entry) if run.outcome.is_none() => {
                run.hold += 1;
                run.held_since = at;
                Ok(Taken::Held(Hold(run.hold), Box::new(entry.clone())))
            }
            _ => Ok(Taken::Ended),
        }
    }

    fn end(
        &self,
        key: &str,
        hold: Hold,
        outcome: &str,
        _at: Timestamp,
    ) -> Result<bool, JournalError> {
        let mut runs = self.lock()?;
        let run = runs.iter_mut().find(|run| run.key == key);
        let Some(run) = run.filter(|run| run.outcome.is_none() && run.hold == hold.0) else {
            return Ok(false);
        };
        run.outcome = Some(outcome.to_owned());
        Ok(true)
    }

    fn bury(&self, key: &str, outcome: &str, at: Timestamp) -> Result<bool, JournalError> {
        let mut runs = self.lock()?;
        let is_new = runs.iter().all(|run| run.key != key);
        if is_new {
            runs.push(Run {
                key: key.to_owned(),
                entry: None,
                hold: 0,
                held_since: at,
                outcome: Some(outcome.to_owned()),
            });
        }
        Ok(is_new)
    }

    fn open(&self) -> Result<Vec<OpenRun>, JournalError> {
        let runs = self.lock()?;
        let mut open: Vec<_> = runs
            .iter()
            .filter(|run| run.outcome.is_none())
            .map(|run| OpenRun {
                key: run.key.clone(),
                held_since: run.held_since,
            })
            .collect();
        open.sort_by_key(|run| run.held_since);
        Ok(open)
    }
}
