//! The one thread that writes: what waits is written together, and acknowledged once it is safe on disk.

pub(crate) mod batch;
mod era;
pub(crate) mod forget;
mod index;
mod log_ids;
mod oldest;
mod pending;
mod pieces;
mod retain;
mod thread;
mod traces;
mod wipe;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
};

pub(crate) use era::is_name_of;
pub(crate) use pending::note_moved;
pub(crate) use thread::start;
pub(crate) use traces::{records, summarise};

use crate::{Error, Forget, Forgotten, Ingested, content::Effort, prepare::Prepared};

/// Where whoever asked waits for the answer.
type Reply<T> = SyncSender<Result<T, Error>>;

/// Holds something that the writer is to do.
#[derive(Debug)]
enum Job {
    Ingest(Box<Prepared>, usize, Reply<Ingested>),
    Forget(Vec<Forget>, Reply<Vec<Forgotten>>),
    Retain(i64, Reply<Forgotten>),
    Settle(Reply<()>),
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    bytes: usize,
    is_closed: bool,
}

/// Holds what waits to be written, and what readers may know of the writer.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    limit: usize,
    /// Who is having something taken in right now.
    senders: AtomicUsize,
    revision: AtomicU64,
    pub(crate) path: PathBuf,
}

/// Counts a sender no longer, however its work ends.
struct Counted<'q>(&'q AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Queue {
    pub(crate) fn new(path: PathBuf, limit: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            wake: Condvar::new(),
            limit,
            senders: AtomicUsize::new(0),
            revision: AtomicU64::new(1),
            path,
        }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    fn advance(&self) {
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prepares something on this thread, has it written, and waits until it is safe on disk.
    ///
    /// Where others do the same just now, there is less time for each.
    pub(crate) fn ingest(
        &self,
        prepare: impl FnOnce(Effort) -> Prepared,
    ) -> Result<Ingested, Error> {
        let others = self.senders.fetch_add(1, Ordering::Relaxed);
        let effort = match others {
            0 => Effort::Thorough,
            _ => Effort::Light,
        };
        let _counted = Counted(&self.senders);
        self.enqueue(prepare(effort))
    }

    fn enqueue(&self, prepared: Prepared) -> Result<Ingested, Error> {
        let weight = prepared.weight();
        self.ask(weight, |reply| {
            Job::Ingest(Box::new(prepared), weight, reply)
        })
    }

    pub(crate) fn forget(&self, what: Vec<Forget>) -> Result<Vec<Forgotten>, Error> {
        self.ask(0, |reply| Job::Forget(what, reply))
    }

    pub(crate) fn retain(&self, now_micros: i64) -> Result<Forgotten, Error> {
        self.ask(0, |reply| Job::Retain(now_micros, reply))
    }

    pub(crate) fn settle(&self) -> Result<(), Error> {
        self.ask(0, Job::Settle)
    }

    /// Has the writer do something, and waits until it is done.
    fn ask<T>(&self, weight: usize, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, Error> {
        let (reply, answer) = sync_channel(1);
        {
            let mut waiting = self.lock();
            if waiting.is_closed {
                return Err(Error::Closed);
            }
            // A request larger than the limit goes when nothing else waits.
            if waiting.bytes > 0 && waiting.bytes + weight > self.limit {
                return Err(Error::Busy {
                    what: format!("{} bytes wait to be written", waiting.bytes),
                });
            }
            waiting.bytes += weight;
            waiting.jobs.push_back(job(reply));
        }
        self.wake.notify_one();
        answer.recv().unwrap_or(Err(Error::Closed))
    }

    /// Tells whether someone is having something prepared, or waits.
    fn has_senders(&self) -> bool {
        self.senders.load(Ordering::Relaxed) > 0
    }

    /// Tells whether someone waits for the writer.
    fn is_waited_for(&self) -> bool {
        let waiting = self.lock();
        waiting.is_closed || !waiting.jobs.is_empty()
    }

    /// Ends the writer once all that waits is written.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.wake.notify_all();
    }
}
