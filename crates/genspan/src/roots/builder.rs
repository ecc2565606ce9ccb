//! Setting up a keeper of runs.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, Weak, atomic::AtomicU64},
    time::Duration,
};

use super::{Count, Inner, LiveRoots, RunOutcome, Table};
use crate::{Telemetry, journal::Journal, semconv::attribute};

/// Bounds how many runs are live at once, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootLimits {
    /// How many; at least one is.
    pub live: usize,
    /// How long.
    pub age: Duration,
}

impl Default for RootLimits {
    fn default() -> Self {
        Self {
            live: 1024,
            age: Duration::from_hours(1),
        }
    }
}

/// Names the attributes that tell how a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunWords {
    /// The key of the outcome's word.
    pub outcome: &'static str,
    /// The key of the number of turns.
    pub turns: &'static str,
}

impl Default for RunWords {
    fn default() -> Self {
        Self {
            outcome: attribute::GENSPAN_RUN_OUTCOME,
            turns: attribute::GENSPAN_RUN_TURNS,
        }
    }
}

/// Sets up a [`LiveRoots`].
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until it builds"]
pub struct LiveRootsBuilder {
    limits: RootLimits,
    words: RunWords,
    count: Option<Count>,
    journal: Option<Arc<dyn Journal>>,
}

impl LiveRootsBuilder {
    /// Bounds what is live.
    pub const fn with_limits(mut self, limits: RootLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Names the attributes that tell how a run ended.
    pub const fn with_words(mut self, words: RunWords) -> Self {
        self.words = words;
        self
    }

    /// Calls this once for each run that ends, sampled or not, but for discarded ones.
    pub fn with_count(mut self, count: impl Fn(RunOutcome) + Send + Sync + 'static) -> Self {
        self.count = Some(Arc::new(count));
        self
    }

    /// Remembers runs beyond this process.
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Gives a keeper of runs of its own, which the recorder's shutdown closes.
    #[must_use]
    pub fn build(self, telemetry: &Telemetry) -> LiveRoots {
        let roots = self.unattached();
        roots.attach(telemetry);
        roots
    }

    /// Gives the recorder's own keeper of runs: this one, unless it has one already.
    #[must_use]
    pub fn build_for(self, telemetry: &Telemetry) -> LiveRoots {
        let own = telemetry.belonging(|| Own(self.unattached()));
        own.0.attach(telemetry);
        own.0.clone()
    }

    fn unattached(self) -> LiveRoots {
        LiveRoots(Arc::new(Inner {
            limits: self.limits,
            words: self.words,
            count: self.count,
            journal: self.journal,
            journal_failures: AtomicU64::new(0),
            table: Mutex::new(Table::new()),
            at_shutdown: OnceLock::new(),
        }))
    }
}

/// Is what a recorder keeps of its own keeper of runs.
struct Own(LiveRoots);

impl LiveRoots {
    /// Closes this when the recorder shuts down.
    fn attach(&self, telemetry: &Telemetry) {
        self.0.at_shutdown.get_or_init(|| {
            let inner: Weak<Inner> = Arc::downgrade(&self.0);
            telemetry.before_shutdown(move |_| {
                if let Some(inner) = inner.upgrade() {
                    Self(inner).close();
                }
            })
        });
    }
}

impl fmt::Debug for LiveRootsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRootsBuilder")
            .field("limits", &self.limits)
            .field("words", &self.words)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}
