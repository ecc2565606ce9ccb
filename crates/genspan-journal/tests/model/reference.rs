//! What should happen to runs, in the plainest way to say it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Deed, LIMITS, PATIENCE, Step, Told, Word, key};

#[derive(Clone, Copy)]
enum Noted {
    Open { hold: u64, since: u64 },
    Ended,
}

#[derive(Clone, Copy)]
struct Live {
    run: usize,
    since: u64,
    hold: u64,
}

#[derive(Default)]
struct ModelProcess {
    /// Oldest first.
    live: Vec<Live>,
    gone: BTreeSet<usize>,
}

pub(crate) struct Model {
    now: u64,
    journal: Option<BTreeMap<usize, Noted>>,
    processes: [ModelProcess; 2],
    pub(crate) told: Told,
}

impl Model {
    pub(crate) fn new(has_journal: bool) -> Self {
        Self {
            now: 0,
            journal: has_journal.then(BTreeMap::new),
            processes: Default::default(),
            told: Told::default(),
        }
    }

    fn out(&mut self, run: usize, outcome: &'static str) {
        self.told.spans.push((key(run), outcome));
        if outcome != "discarded" {
            self.told.counts.push(outcome);
        }
    }

    /// Ends a run by whoever holds it; tells whether he still does.
    fn end(&mut self, live: Live, outcome: &'static str) -> bool {
        if let Some(journal) = &mut self.journal {
            match journal.get(&live.run) {
                Some(Noted::Open { hold, .. }) if *hold == live.hold => {
                    journal.insert(live.run, Noted::Ended);
                }
                _ => return false,
            }
        }
        self.out(live.run, outcome);
        true
    }

    /// Takes a run over; `Err` tells whether the journal knows it at all.
    fn hold(&mut self, run: usize) -> Result<Live, bool> {
        let now = self.now;
        match self
            .journal
            .as_mut()
            .and_then(|journal| journal.get_mut(&run))
        {
            Some(Noted::Open { hold, since }) => {
                (*hold, *since) = (*hold + 1, now);
                Ok(Live {
                    run,
                    since: now,
                    hold: *hold,
                })
            }
            Some(Noted::Ended) => Err(true),
            None => Err(false),
        }
    }

    fn remove(&mut self, number: usize, run: usize) -> Option<Live> {
        let process = &mut self.processes[number];
        let place = process.live.iter().position(|live| live.run == run)?;
        process.gone.insert(run);
        Some(process.live.remove(place))
    }

    fn evict_while(&mut self, number: usize, is_due: impl Fn(&Live, usize) -> bool) {
        while let Some(oldest) = self.processes[number].live.first().copied()
            && is_due(&oldest, self.processes[number].live.len())
        {
            self.remove(number, oldest.run);
            self.end(oldest, "abandoned");
        }
    }

    fn sweep(&mut self, number: usize) {
        let (now, age) = (self.now, LIMITS.age.as_secs());
        self.evict_while(number, |oldest, _| now - oldest.since >= age);
    }

    fn keep(&mut self, number: usize, live: Live) {
        self.sweep(number);
        self.evict_while(number, |_, count| count >= LIMITS.live);
        self.processes[number].live.push(live);
    }

    fn stash(&mut self, number: usize, run: usize) -> Word {
        let process = &self.processes[number];
        let is_known = process.gone.contains(&run)
            || process.live.iter().any(|live| live.run == run)
            || self
                .journal
                .as_ref()
                .is_some_and(|journal| journal.contains_key(&run));
        if is_known {
            // What is refused comes out as what it is: no run of this key.
            self.out(run, "discarded");
            return "refused";
        }
        let (hold, since) = (1, self.now);
        if let Some(journal) = &mut self.journal {
            journal.insert(run, Noted::Open { hold, since });
        }
        self.keep(number, Live { run, since, hold });
        "stashed"
    }

    fn finalise(&mut self, number: usize, run: usize) -> Word {
        let ended = |is_ours| if is_ours { "ended" } else { "known" };
        if let Some(live) = self.remove(number, run) {
            return ended(self.end(live, "done"));
        }
        if !self.processes[number].gone.insert(run) {
            return "known";
        }
        match self.hold(run) {
            Ok(live) => ended(self.end(live, "done")),
            Err(true) => "known",
            Err(false) => {
                if let Some(journal) = &mut self.journal {
                    journal.insert(run, Noted::Ended);
                }
                self.told.counts.push("done");
                "counted"
            }
        }
    }

    fn discard(&mut self, number: usize, run: usize) -> Word {
        let live = match self.remove(number, run) {
            Some(live) => live,
            None if self.processes[number].gone.contains(&run) => return "nothing",
            None => match self.hold(run) {
                Ok(live) => live,
                Err(_) => return "nothing",
            },
        };
        self.processes[number].gone.insert(run);
        if self.end(live, "discarded") {
            "discarded"
        } else {
            "nothing"
        }
    }

    fn resume(&mut self, number: usize, run: usize) -> Word {
        let process = &self.processes[number];
        if process.gone.contains(&run) {
            return "ended";
        }
        if process.live.iter().any(|live| live.run == run) {
            return "live";
        }
        match self.hold(run) {
            Ok(live) => {
                self.keep(number, live);
                "taken"
            }
            Err(true) => {
                self.processes[number].gone.insert(run);
                "ended"
            }
            Err(false) => "unknown",
        }
    }

    fn recover(&mut self, number: usize) {
        let journal = self.journal.clone().unwrap_or_default();
        for (run, noted) in journal {
            let process = &self.processes[number];
            let is_known =
                process.gone.contains(&run) || process.live.iter().any(|live| live.run == run);
            if let Noted::Open { since, .. } = noted
                && self.now - since >= PATIENCE
                && !is_known
                && let Ok(live) = self.hold(run)
            {
                self.end(live, "abandoned");
                self.processes[number].gone.insert(run);
            }
        }
    }

    pub(crate) fn take(&mut self, (deed, number, run): Step) -> Word {
        match deed {
            Deed::Stash => return self.stash(number, run),
            Deed::Finalise => return self.finalise(number, run),
            Deed::Discard => return self.discard(number, run),
            Deed::Resume => return self.resume(number, run),
            Deed::Recover => self.recover(number),
            Deed::Sweep => self.sweep(number),
            Deed::Wait(seconds) => self.now += seconds,
            Deed::Crash => self.processes[number] = ModelProcess::default(),
            Deed::Shutdown => {
                let process = std::mem::take(&mut self.processes[number]);
                for live in process.live {
                    if self.journal.is_none() {
                        self.out(live.run, "abandoned");
                    }
                }
            }
        }
        "done"
    }
}
