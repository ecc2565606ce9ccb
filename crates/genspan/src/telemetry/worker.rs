//! The thread that does the telemetry's work, and the bounded way to it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use super::QueueLimits;

/// Says that the telemetry's queue has no room, or is shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueFull;

impl fmt::Display for QueueFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the telemetry's queue is full or shut down; allow it more with QueueLimits")
    }
}

impl std::error::Error for QueueFull {}

/// Holds a piece of work.
pub(crate) enum Job {
    /// The end of an operation; it may use the room that is held back for such.
    Finish(Box<dyn FnOnce() + Send>),
    /// Anything else, such as the decoding of bytes.
    Work(Box<dyn FnOnce() + Send>),
    /// Tells that everything before it is done.
    Mark(Sender<()>),
}

/// Counts what a full queue cost.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    pub(crate) operations: AtomicU64,
    pub(crate) content: AtomicU64,
}

/// Does work in order, on a thread of its own or at once.
#[derive(Debug)]
pub(crate) struct Worker {
    /// `None` where work is done at once; the lock is held only to send.
    sender: Option<Mutex<Sender<(usize, Job)>>>,
    waiting: Arc<Waiting>,
    limits: QueueLimits,
    is_stopped: AtomicBool,
    losses: Losses,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    items: AtomicUsize,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finish(_) => "Finish",
            Self::Work(_) => "Work",
            Self::Mark(_) => "Mark",
        })
    }
}

impl Worker {
    /// What a record without content is taken to weigh.
    pub(crate) const RECORD_WEIGHT: usize = 1024;

    /// Does work at once, on the thread that hands it over.
    pub(crate) fn inline() -> Self {
        Self {
            sender: None,
            waiting: Arc::default(),
            limits: QueueLimits {
                bytes: usize::MAX,
                items: usize::MAX,
            },
            is_stopped: AtomicBool::new(false),
            losses: Losses::default(),
        }
    }

    /// Does work on a thread of its own.
    pub(crate) fn spawn(limits: QueueLimits) -> Self {
        let (sender, receiver) = mpsc::channel();
        let waiting = Arc::<Waiting>::default();
        let seen = Arc::clone(&waiting);
        let spawned = thread::Builder::new()
            .name("genspan".to_owned())
            .spawn(move || work(&receiver, &seen));
        let sender = spawned.is_ok().then(|| Mutex::new(sender));
        Self {
            sender,
            waiting,
            limits,
            is_stopped: AtomicBool::new(false),
            losses: Losses::default(),
        }
    }

    pub(crate) const fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Tells whether content of this weight may still wait.
    pub(crate) fn has_room_for(&self, weight: usize, limits: QueueLimits) -> bool {
        self.sender.is_none()
            || self
                .waiting
                .bytes
                .load(Ordering::Relaxed)
                .saturating_add(weight)
                <= limits.bytes
    }

    /// Takes work on, or drops it where there is no room.
    pub(crate) fn submit(&self, weight: usize, job: Job) -> Result<(), QueueFull> {
        if self.is_stopped.load(Ordering::Acquire) {
            return Err(QueueFull);
        }
        let Some(sender) = &self.sender else {
            run(job);
            return Ok(());
        };
        // Ends of operations may exceed the bound by an eighth: they are small, and worth most.
        let reserve = if matches!(job, Job::Finish(_)) {
            8
        } else {
            usize::MAX
        };
        let fits = |waiting: usize, more: usize, limit: usize| {
            waiting.saturating_add(more) <= limit.saturating_add(limit / reserve)
        };
        let bytes = self.waiting.bytes.load(Ordering::Relaxed);
        let items = self.waiting.items.load(Ordering::Relaxed);
        if !fits(bytes, weight, self.limits.bytes) || !fits(items, 1, self.limits.items) {
            return Err(QueueFull);
        }
        self.waiting.bytes.fetch_add(weight, Ordering::Relaxed);
        self.waiting.items.fetch_add(1, Ordering::Relaxed);
        let sent = sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send((weight, job));
        sent.map_err(|_| QueueFull)
    }

    /// Waits until all that was handed over before is done; tells whether it was in time.
    pub(crate) fn drain(&self, timeout: Duration) -> bool {
        let Some(sender) = &self.sender else {
            return true;
        };
        let (done, is_done) = mpsc::channel();
        let sent = sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send((0, Job::Mark(done)));
        sent.is_ok() && is_done.recv_timeout(timeout).is_ok()
    }

    /// Does what was handed over and takes no more.
    pub(crate) fn stop(&self, timeout: Duration) {
        self.is_stopped.store(true, Ordering::Release);
        if !self.drain(timeout) {
            let left = self.waiting.items.load(Ordering::Relaxed);
            self.losses
                .operations
                .fetch_add(left as u64, Ordering::Relaxed);
        }
    }
}

/// Does work until the last recorder is gone.
fn work(receiver: &Receiver<(usize, Job)>, waiting: &Waiting) {
    while let Ok((weight, job)) = receiver.recv() {
        if matches!(job, Job::Mark(_)) {
            run(job);
            continue;
        }
        run(job);
        waiting.bytes.fetch_sub(weight, Ordering::Relaxed);
        waiting.items.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does one piece of work; a panic in a user's hook or sink costs this piece alone.
fn run(job: Job) {
    match job {
        Job::Finish(work) | Job::Work(work) => drop(catch_unwind(AssertUnwindSafe(work))),
        Job::Mark(done) => drop(done.send(())),
    }
}
