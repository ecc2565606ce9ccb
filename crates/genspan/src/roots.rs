//! Runs whose span is ended by other work than began it.

mod builder;
mod end;
mod refused;
mod resume;
mod run;
mod table;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use self::table::{Known, Table};
pub use self::{
    builder::{LiveRootsBuilder, RootLimits, RunWords},
    end::Finalised,
    refused::StashError,
    resume::Resumed,
    run::{RunEnd, RunOutcome},
};
use crate::{
    Active, AgentInvocation, Registered, Scope, SpanContext, Telemetry,
    journal::{Begun, Hold, Journal, RootEntry},
};

/// Keeps the spans of runs that one task begins and another ends.
///
/// A run is known by a key of the application's, such as the id of the task that the run began with. It
/// goes from absent to live ([`stash`](Self::stash)) and from there to one of three ends, once:
/// [finalised](Self::finalise), [discarded](Self::discard), or abandoned, when it is too old or one too many,
/// or the recorder shuts down. A key that has ended is remembered for a while and cannot come to life again.
///
/// With a [`Journal`] a run also outlives its process: whoever [resumes](Self::resume) it goes on with the
/// same span, begun when it truly began, and [`recover`](Self::recover) ends what nobody resumes.
///
/// ```
/// use genspan::{LiveRoots, RunEnd, RunOutcome, Telemetry};
///
/// # fn of(telemetry: &Telemetry) {
/// let roots = LiveRoots::builder().build(telemetry);
/// let root = telemetry.invoke_agent("travel");
/// if let Err(refused) = roots.stash("task-1", root) {
///     refused.into_root().finish(); // a run of this key is live, or has been
/// }
/// // … in another task …
/// roots.finalise(telemetry, "task-1", RunEnd::new(RunOutcome::Done).with_turns(2));
/// # }
/// ```
#[derive(Clone)]
pub struct LiveRoots(Arc<Inner>);

struct Inner {
    limits: RootLimits,
    words: RunWords,
    count: Option<Count>,
    journal: Option<Arc<dyn Journal>>,
    journal_failures: AtomicU64,
    table: Mutex<Table<Live>>,
    /// Has this closed when the recorder shuts down.
    at_shutdown: OnceLock<Registered>,
}

type Count = Arc<dyn Fn(RunOutcome) + Send + Sync>;

/// Holds a run that is live.
struct Live {
    root: Active<AgentInvocation>,
    /// The right to end it, where a journal gives it.
    hold: Option<(String, Hold)>,
}

impl LiveRoots {
    /// Begins to set up a keeper of runs.
    pub fn builder() -> LiveRootsBuilder {
        LiveRootsBuilder::default()
    }

    /// Keeps a run until somebody ends it by its key.
    ///
    /// What is too old, and the oldest of too many, ends as abandoned; only a key that is not known makes
    /// room. With a journal the run is noted there when this returns.
    ///
    /// # Errors
    ///
    /// Gives the run back where its key is live or has ended.
    pub fn stash(
        &self,
        key: impl Into<String>,
        root: Active<AgentInvocation>,
    ) -> Result<(), Box<StashError>> {
        let key = key.into();
        if self.0.lock().known(&key) != Known::No {
            return Err(StashError::refused(key, root, self));
        }
        let now = root.now();
        let hold = match self.note(&key, &root) {
            Noted::Held(hold) => Some((key.clone(), hold)),
            Noted::Nowhere => None,
            Noted::Known => return Err(StashError::refused(key, root, self)),
        };
        let mut table = self.0.lock();
        if table.known(&key) != Known::No {
            drop(table);
            if let Some((key, hold)) = hold {
                self.0
                    .end_in_journal(&key, hold, RunOutcome::Discarded, now);
            }
            return Err(StashError::refused(key, root, self));
        }
        let evicted = table.make_room(now, self.0.limits);
        let refused = table.insert(&key, Live { root, hold }, now);
        drop(table);
        for live in evicted {
            self.0.abandon(live);
        }
        match refused {
            Ok(()) => Ok(()),
            Err(live) => Err(StashError::refused(key, live.root, self)),
        }
    }

    fn note(&self, key: &str, root: &Active<AgentInvocation>) -> Noted {
        let Some(journal) = &self.0.journal else {
            return Noted::Nowhere;
        };
        if !root.context().is_valid() {
            return Noted::Nowhere;
        }
        match journal.begin(&RootEntry::of(key, root), root.now()) {
            Ok(Begun::Held(hold)) => Noted::Held(hold),
            Ok(Begun::Known) => Noted::Known,
            Err(_) => {
                self.0.journal_failed();
                Noted::Nowhere
            }
        }
    }

    /// Gives the scope in which a live run's children run.
    #[must_use]
    pub fn scope(&self, key: &str) -> Option<Scope> {
        Some(self.0.lock().get_mut(key)?.root.scope())
    }

    /// Gives the scope of the live run whose span this is.
    #[must_use]
    pub fn scope_of(&self, span: &SpanContext) -> Option<Scope> {
        let table = self.0.lock();
        let mut live = table.values();
        let live = live.find(|live| {
            let own = live.root.context();
            own.span_id == span.span_id && own.trace_id == span.trace_id
        })?;
        Some(live.root.scope())
    }

    /// Notes what becomes known of a live run; tells whether it is live.
    ///
    /// What is noted stands where the run's end does not say otherwise, such as the turns so far of a run that
    /// nobody finalises. `note` must not use this keeper of runs.
    pub fn update(&self, key: &str, note: impl FnOnce(&mut AgentInvocation)) -> bool {
        let mut table = self.0.lock();
        let live = table.get_mut(key);
        let is_live = live.is_some();
        if let Some(live) = live {
            note(&mut live.root);
        }
        is_live
    }

    /// Ends, as abandoned, the runs that are too old; tells how many.
    ///
    /// Each stash does so as well.
    #[allow(
        clippy::must_use_candidate,
        reason = "the work is done whoever looks at what came of it"
    )]
    pub fn sweep(&self, telemetry: &Telemetry) -> usize {
        let old = self.0.lock().sweep(telemetry.now(), self.0.limits.age);
        let count = old.len();
        for live in old {
            self.0.abandon(live);
        }
        count
    }

    /// Tells how many runs are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Tells whether none is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells how often the journal could not be used; runs were then kept in memory alone.
    #[must_use]
    pub fn journal_failures(&self) -> u64 {
        self.0.journal_failures.load(Ordering::Relaxed)
    }
}

impl Inner {
    fn journal_failed(&self) {
        self.journal_failures.fetch_add(1, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Table<Live>> {
        // A panic in what updates a run leaves the table whole, and no run may be lost for it.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what became of noting a run in the journal.
enum Noted {
    Held(Hold),
    Known,
    /// There is no journal, or it cannot be used.
    Nowhere,
}

impl fmt::Debug for LiveRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRoots")
            .field("live", &self.len())
            .field("limits", &self.0.limits)
            .field("journal", &self.0.journal)
            .finish_non_exhaustive()
    }
}
