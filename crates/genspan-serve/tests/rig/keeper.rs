//! A keeper of telemetry in memory that does as a test wants.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use genspan::TraceId;
use genspan_serve::{Backend, Export, Ingested, Reading, Trouble, TroubleKind};

/// What a keeper does with what it is given.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    Well,
    /// Keeps all but so many items.
    Picky(u64, &'static str),
    Trouble(TroubleKind, &'static str),
    Panics,
}

/// Keeps what it is given, as its mood is.
pub(crate) struct Keeper {
    pub(crate) mood: Mutex<Mood>,
    kept: Mutex<Vec<Export>>,
    asked: Mutex<Vec<Reading>>,
    revision: AtomicU64,
    /// Closed while work is held up, with the number of those that wait.
    gate: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Keeper {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(Mood::Well)
    }

    pub(crate) fn with(mood: Mood) -> Arc<Self> {
        Arc::new(Self {
            mood: Mutex::new(mood),
            kept: Mutex::default(),
            asked: Mutex::default(),
            revision: AtomicU64::new(1),
            gate: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn kept(&self) -> Vec<Export> {
        self.kept.lock().unwrap().clone()
    }

    pub(crate) fn asked(&self) -> Vec<Reading> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Holds up what comes, or lets it go on.
    pub(crate) fn hold(&self, is_closed: bool) {
        self.gate.lock().unwrap().0 = is_closed;
        self.changed.notify_all();
    }

    /// Waits until so many are held up.
    pub(crate) fn wait_for_held(&self, count: usize) {
        let gate = self.gate.lock().unwrap();
        drop(
            self.changed
                .wait_while(gate, |gate| gate.1 < count)
                .unwrap(),
        );
    }

    fn pass(&self) {
        let mut gate = self.gate.lock().unwrap();
        gate.1 += 1;
        self.changed.notify_all();
        let mut gate = self.changed.wait_while(gate, |gate| gate.0).unwrap();
        gate.1 -= 1;
    }

    pub(crate) fn change(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
    }

    fn do_as_the_mood_is(&self) -> Result<Ingested, Trouble> {
        let mood = self.mood.lock().unwrap().clone();
        match mood {
            Mood::Well => Ok(Ingested::default()),
            Mood::Picky(rejected, reason) => Ok(Ingested {
                rejected,
                reason: reason.to_owned(),
            }),
            Mood::Trouble(kind, message) => Err(Trouble {
                kind,
                message: message.to_owned(),
            }),
            Mood::Panics => std::panic::resume_unwind(Box::new("a mood")),
        }
    }
}

impl Backend for Keeper {
    fn ingest(&self, export: Export) -> Result<Ingested, Trouble> {
        self.pass();
        let ingested = self.do_as_the_mood_is()?;
        self.kept.lock().unwrap().push(export);
        self.change();
        Ok(ingested)
    }

    fn read(&self, reading: &Reading) -> Result<Option<Vec<u8>>, Trouble> {
        self.pass();
        self.do_as_the_mood_is()?;
        self.asked.lock().unwrap().push(reading.clone());
        let is_there = !matches!(reading, Reading::Trace { trace } if trace.0 == [0xff; 16]);
        Ok(is_there.then(|| br#"{"answer":1}"#.to_vec()))
    }

    fn forget(&self, trace: &TraceId) -> Result<bool, Trouble> {
        self.do_as_the_mood_is()?;
        self.asked
            .lock()
            .unwrap()
            .push(Reading::Trace { trace: *trace });
        Ok(trace.0 != [0xff; 16])
    }

    fn revision(&self) -> u64 {
        self.revision.load(Ordering::SeqCst)
    }
}
