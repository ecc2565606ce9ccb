//! Runs whose process is gone.

use std::time::Duration;

use super::{Inner, Known, Live, LiveRoots, RunEnd, RunOutcome};
use crate::{
    Active, AgentInvocation, Identity, Link, Parent, SpanContext, StartOptions, Telemetry,
    journal::{RootEntry, Taken},
    semconv::attribute,
};

/// Tells what came of resuming a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// It is live here, and was before; its span stands there.
    Live(SpanContext),
    /// It is live here from now on; its span stands there.
    Taken(SpanContext),
    /// It has ended.
    Ended,
    /// Nobody knows it, or there is no journal.
    Unknown,
}

/// Tells what the journal knows of a run that is not live here.
pub(super) enum Found {
    Live(Box<Live>),
    Ended,
    Unknown,
}

impl LiveRoots {
    /// Goes on with a run that another process, or an earlier one, began and did not end.
    ///
    /// Its span keeps its ids, its true start and the span it stands within, so what was recorded under it stays
    /// its own. A sink that gives ids of its own (an OpenTelemetry SDK) gets a span within the one that was lost,
    /// linked to it and marked `genspan.run.resumed`. Whoever held the run before cannot end it any more.
    #[allow(
        clippy::must_use_candidate,
        reason = "the work is done whoever looks at what came of it"
    )]
    pub fn resume(&self, telemetry: &Telemetry, key: &str) -> Resumed {
        {
            let mut table = self.0.lock();
            match table.known(key) {
                Known::Gone => return Resumed::Ended,
                Known::Live => {
                    if let Some(live) = table.get_mut(key) {
                        return Resumed::Live(live.root.context().clone());
                    }
                }
                Known::No => {}
            }
        }
        let live = match self.0.look_up(telemetry, key) {
            Found::Live(live) => *live,
            Found::Ended => {
                self.0.lock().bury(key);
                return Resumed::Ended;
            }
            Found::Unknown => return Resumed::Unknown,
        };
        let context = live.root.context().clone();
        let now = telemetry.now();
        let mut table = self.0.lock();
        if let Some(known) = table.get_mut(key) {
            // Another thread was faster with the span, but this one has the newer hold.
            known.hold = known.hold.take().max(live.hold);
            let context = known.root.context().clone();
            drop(table);
            live.root.discard();
            return Resumed::Live(context);
        }
        let evicted = table.make_room(now, self.0.limits);
        let refused = table.insert(key, live, now);
        drop(table);
        for live in evicted {
            self.0.abandon(live);
        }
        match refused {
            Ok(()) => Resumed::Taken(context),
            Err(live) => {
                // It was ended here between the two looks: nobody else will do so in the journal.
                self.0.abandon(live);
                Resumed::Ended
            }
        }
    }

    /// Ends, as abandoned, the runs in the journal that nobody took up for at least `age`; gives their keys.
    ///
    /// Call it where a process starts, and from time to time. Runs that are live here are left alone, and of
    /// several processes that recover at once one ends each run.
    #[allow(
        clippy::must_use_candidate,
        reason = "the work is done whoever looks at what came of it"
    )]
    pub fn recover(&self, telemetry: &Telemetry, age: Duration) -> Vec<String> {
        let Some(journal) = &self.0.journal else {
            return Vec::new();
        };
        let Ok(open) = journal.open() else {
            self.0.journal_failed();
            return Vec::new();
        };
        let now = telemetry.now();
        let mut recovered = Vec::new();
        for run in open {
            if now.since(run.held_since) < age || self.0.lock().known(&run.key) != Known::No {
                continue;
            }
            if let Found::Live(live) = self.0.look_up(telemetry, &run.key) {
                let end = RunEnd::new(RunOutcome::Abandoned);
                if self.0.conclude(*live, end) == super::Finalised::Ended {
                    self.0.lock().bury(&run.key);
                    recovered.push(run.key);
                }
            }
        }
        recovered
    }
}

impl Inner {
    /// Takes a run over from the journal and begins its span again.
    pub(super) fn look_up(&self, telemetry: &Telemetry, key: &str) -> Found {
        let Some(journal) = &self.journal else {
            return Found::Unknown;
        };
        match journal.take(key, telemetry.now()) {
            Ok(Taken::Held(hold, run)) => Found::Live(Box::new(Live {
                root: begin_again(telemetry, &run),
                hold: Some((key.to_owned(), hold)),
            })),
            Ok(Taken::Ended) => Found::Ended,
            Ok(Taken::Unknown) => Found::Unknown,
            Err(_) => {
                self.journal_failed();
                Found::Unknown
            }
        }
    }
}

fn begin_again(telemetry: &Telemetry, run: &RootEntry) -> Active<AgentInvocation> {
    let mut record = run.record();
    let mut options = StartOptions {
        at: Some(run.started),
        ..StartOptions::default()
    };
    if telemetry.keeps_ids() {
        options.parent = match &run.parent {
            Some(parent) => Parent::Span(parent.clone()),
            None if run.context.sampled => Parent::Root,
            // What was not sampled is not recorded now: only under what says so does a sink know.
            None => Parent::Span(run.context.clone()),
        };
        options.identity = Some(Identity {
            trace_id: run.context.trace_id,
            span_id: run.context.span_id,
        });
    } else {
        options.parent = Parent::Span(run.context.clone());
        record.common.set(attribute::GENSPAN_RUN_RESUMED, true);
        record.common.links.push(Link {
            to: run.context.clone(),
            attributes: Vec::new(),
        });
    }
    telemetry.start_with(record, options)
}
