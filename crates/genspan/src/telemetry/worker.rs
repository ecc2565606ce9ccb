//! The thread that does the telemetry's work, and the bounded way to it.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    thread::{self, Thread},
    time::Duration,
};

use super::{Cell, QueueLimits, Shared};

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
    Finish(Arc<Shared>, Arc<Cell>),
    /// An event that has no operation; it may use that room too.
    Event(Box<dyn FnOnce() + Send>),
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
    /// `None` where work is done at once.
    sender: Option<Sender<(usize, Job)>>,
    waiting: Arc<Waiting>,
    limits: QueueLimits,
    is_stopped: AtomicBool,
    losses: Losses,
}

/// Tells both sides of the queue what waits in it, and whether anybody does.
#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    items: AtomicUsize,
    /// Whether the worker sleeps until it is woken.
    is_asleep: AtomicBool,
    thread: OnceLock<Thread>,
    /// Whose agents wait, which must not be longer than they may.
    alarm: Mutex<Weak<Shared>>,
}

impl Waiting {
    /// What may wait before a dozing worker is called.
    const MANY_ITEMS: usize = 512;
    const MANY_BYTES: usize = 1024 * 1024;

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Does what is due after a while, and tells when to look again.
    fn see_to_alarm(&self) -> Option<Duration> {
        let shared = self.alarm().upgrade()?;
        // A panic in a user's hook or sink costs its own operation.
        let next = catch_unwind(AssertUnwindSafe(|| shared.end_overdue()));
        let next = next.unwrap_or(Some(DOZE));
        if next.is_none() {
            *self.alarm() = Weak::new();
        }
        next
    }

    fn alarm(&self) -> MutexGuard<'_, Weak<Shared>> {
        // Nothing that can panic runs under the lock.
        self.alarm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the worker where it sleeps, or dozes while much waits.
    ///
    /// Waking a thread costs more than everything else that a caller does, so few callers do it.
    fn call(&self, bytes: usize, items: usize) {
        let is_much = items == Self::MANY_ITEMS || bytes >= Self::MANY_BYTES;
        if is_much || self.is_asleep.load(Ordering::SeqCst) {
            self.wake();
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finish(..) => "Finish",
            Self::Event(_) => "Event",
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
        if let Ok(handle) = &spawned {
            let _ = waiting.thread.set(handle.thread().clone());
        }
        Self {
            sender: spawned.is_ok().then_some(sender),
            waiting,
            limits,
            is_stopped: AtomicBool::new(false),
            losses: Losses::default(),
        }
    }

    /// Tells whether this is the thread that does the work.
    pub(crate) fn is_here(&self) -> bool {
        let own = self.waiting.thread.get();
        own.is_some_and(|own| own.id() == thread::current().id())
    }

    pub(crate) const fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Tells whether so little waits that a record more, however large, is no matter.
    pub(crate) fn is_quiet(&self) -> bool {
        const FEW: usize = 16;
        const GENEROUS: usize = 16 * 1024 * 1024;
        self.limits.bytes >= GENEROUS && self.waiting.items.load(Ordering::Relaxed) < FEW
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
        let reserve = match job {
            Job::Finish(..) | Job::Event(_) => 8,
            Job::Work(_) | Job::Mark(_) => usize::MAX,
        };
        let fits = |waiting: usize, more: usize, limit: usize| {
            waiting.saturating_add(more) <= limit.saturating_add(limit / reserve)
        };
        let bytes = self.waiting.bytes.load(Ordering::Relaxed);
        let items = self.waiting.items.load(Ordering::Relaxed);
        if !fits(bytes, weight, self.limits.bytes) || !fits(items, 1, self.limits.items) {
            return Err(QueueFull);
        }
        let bytes = self.waiting.bytes.fetch_add(weight, Ordering::Relaxed) + weight;
        let items = self.waiting.items.fetch_add(1, Ordering::Relaxed) + 1;
        sender.send((weight, job)).map_err(|_| QueueFull)?;
        self.waiting.call(bytes, items);
        Ok(())
    }

    /// Has the worker see to the agents that wait, also where it has nothing else to do.
    pub(crate) fn set_alarm(&self, shared: &Arc<Shared>) {
        if self.sender.is_some() {
            *self.waiting.alarm() = Arc::downgrade(shared);
        }
    }

    /// Waits until all that was handed over before is done; tells whether it was in time.
    pub(crate) fn drain(&self, timeout: Duration) -> bool {
        let Some(sender) = &self.sender else {
            return true;
        };
        let (done, is_done) = mpsc::channel();
        let sent = sender.send((0, Job::Mark(done)));
        self.waiting.wake();
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

impl Drop for Worker {
    /// Lets the thread see that nobody is left to give it work.
    fn drop(&mut self) {
        self.sender = None;
        self.waiting.wake();
    }
}

/// How long a worker without work dozes before it looks again, and how often before it sleeps.
const DOZE: Duration = Duration::from_millis(5);
const DOZES: u32 = 8;

/// Does work until the last recorder is gone.
///
/// After work it dozes for a while, so that in busy times nobody needs to wake it; then it sleeps.
fn work(receiver: &Receiver<(usize, Job)>, waiting: &Waiting) {
    let mut dozed = 0;
    loop {
        match receiver.try_recv() {
            Ok((weight, job)) => {
                dozed = 0;
                waiting.is_asleep.store(false, Ordering::Relaxed);
                let is_counted = !matches!(job, Job::Mark(_));
                run(job);
                if is_counted {
                    waiting.bytes.fetch_sub(weight, Ordering::Relaxed);
                    waiting.items.fetch_sub(1, Ordering::Relaxed);
                }
            }
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) if dozed < DOZES => {
                dozed += 1;
                thread::park_timeout(DOZE);
            }
            // Work that came in just before this was set is found by looking once more.
            Err(TryRecvError::Empty) if !waiting.is_asleep.swap(true, Ordering::SeqCst) => {}
            Err(TryRecvError::Empty) => match waiting.see_to_alarm() {
                Some(time) => thread::park_timeout(time),
                None => thread::park(),
            },
        }
    }
}

/// Does one piece of work; a panic in a user's hook or sink costs this piece alone.
fn run(job: Job) {
    let done = match job {
        Job::Finish(shared, cell) => catch_unwind(AssertUnwindSafe(|| shared.finish(&cell))),
        Job::Event(work) | Job::Work(work) => catch_unwind(AssertUnwindSafe(work)),
        Job::Mark(done) => {
            let _ = done.send(());
            Ok(())
        }
    };
    drop(done);
}
