//! The writer's thread.

use std::{
    io,
    sync::{Arc, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use genspan::Clock;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{
    Job, Queue, Reply, Waiting,
    batch::{self, Written},
    forget,
    index::Unread,
    pending, retain, traces,
    wipe::{self, Wiper},
};
use crate::{
    Error, Forgotten, Ingested, Retention,
    file::{self, Fault, Handle},
    prepare::Prepared,
};

/// Bytes that are written in one transaction, where so many wait.
const BATCH: usize = 16 << 20;

/// Under load, traces are summed up after so many batches.
const PATIENCE: u32 = 4;

/// Under load, some texts are indexed after so many batches: it costs more than all else, and no request waits for it.
const LONG_PATIENCE: u32 = 64;

/// For how long nothing may come before what can wait is done.
const QUIET: Duration = Duration::from_millis(20);

/// For how many times as long somebody is waited for who is having something prepared.
const PREPARING: u32 = 5;

/// Starts the thread that writes.
pub(crate) fn start(
    queue: Arc<Queue>,
    connection: Connection,
    handle: Arc<Handle>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    max_bytes: Option<u64>,
) -> io::Result<JoinHandle<()>> {
    let mut writer = Writer {
        wiper: Wiper::new(file::place(&connection, &queue.path), handle),
        queue,
        connection,
        clock,
        retention,
        max_bytes,
        unread: Unread::default(),
        // Whoever wrote last may have been killed before all was settled.
        is_settled: false,
        is_full: false,
        is_quiet: false,
        batches: 0,
    };
    thread::Builder::new()
        .name("genspan-store".to_owned())
        .spawn(move || {
            writer.run();
            writer.queue.close();
        })
}

/// Begins a transaction that will write.
pub(super) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

struct Writer {
    queue: Arc<Queue>,
    connection: Connection,
    wiper: Wiper,
    clock: Arc<dyn Clock>,
    retention: Retention,
    max_bytes: Option<u64>,
    unread: Unread,
    /// Whether nothing is left to sum up or to index, or trying again makes no sense yet.
    is_settled: bool,
    /// Whether the disk was full when something was written last.
    is_full: bool,
    /// Whether nothing has come for a while.
    is_quiet: bool,
    /// How many batches came since the writer had nothing else to do.
    batches: u32,
}

/// Holds a request that waits, and where its answer goes.
type Request = (Box<Prepared>, Reply<Ingested>);

enum Next {
    Requests(Vec<Request>),
    Other(Job),
    Idle,
    Closed,
}

impl Writer {
    fn run(&mut self) {
        // What fails here is done by the next `forget`, or whoever opens the file next.
        drop(self.unlimited(|writer| {
            writer
                .wiper
                .finish(&mut writer.connection, pending::AT_ONCE)
        }));
        loop {
            match self.next() {
                Next::Requests(requests) => self.ingest(requests),
                Next::Other(job) => self.other(job),
                Next::Idle => {
                    self.batches = 0;
                    self.settle_idly();
                }
                Next::Closed => break,
            }
        }
        // The file is left whole for whoever opens it next; what fails here is done then.
        drop(self.settle());
        drop(wipe::checkpoint(&mut self.connection));
    }

    /// Waits for something to do.
    fn next(&mut self) -> Next {
        let queue = Arc::clone(&self.queue);
        let mut waiting = queue.lock();
        loop {
            if !waiting.jobs.is_empty() {
                break;
            }
            if waiting.is_closed {
                return Next::Closed;
            }
            if self.is_settled {
                let woken = queue.wake.wait(waiting);
                waiting = woken.unwrap_or_else(PoisonError::into_inner);
            } else if self.is_quiet {
                return Next::Idle;
            } else {
                waiting = until_quiet(&queue, waiting);
                self.is_quiet = waiting.jobs.is_empty();
            }
        }
        self.is_quiet = false;
        let mut requests = Vec::new();
        let mut bytes = 0;
        while bytes < BATCH {
            match waiting.jobs.pop_front() {
                Some(Job::Ingest(prepared, weight, reply)) => {
                    bytes += weight;
                    requests.push((prepared, reply));
                }
                Some(other) if requests.is_empty() => return Next::Other(other),
                Some(other) => {
                    waiting.jobs.push_front(other);
                    break;
                }
                None => break,
            }
        }
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        Next::Requests(requests)
    }

    /// Writes requests in one transaction, or where that fails each in its own.
    fn ingest(&mut self, requests: Vec<Request>) {
        let result = self.write(requests.iter().map(|(prepared, _)| &**prepared));
        match result {
            Ok(()) => {
                for (prepared, reply) in requests {
                    answer(&reply, Ok(prepared.ingested));
                }
            }
            Err(error) if requests.len() == 1 => {
                for (_, reply) in requests {
                    answer(&reply, Err(error.clone()));
                }
            }
            Err(_) => {
                for (prepared, reply) in requests {
                    // What room could be made was made for all of them.
                    let result = self.try_to_write([&*prepared]);
                    answer(&reply, result.map(|()| prepared.ingested));
                }
            }
        }
        self.batches = self.batches.wrapping_add(1);
        if self.batches.is_multiple_of(PATIENCE) {
            // What fails here is tried again when there is nothing else to do.
            drop(self.settle_traces());
        }
        if self.batches.is_multiple_of(LONG_PATIENCE) {
            drop(self.index());
        }
    }

    /// Writes requests; where the disk is full, the write-ahead log may hold the room that is missing.
    fn write<'p>(
        &mut self,
        prepared: impl IntoIterator<Item = &'p Prepared> + Clone,
    ) -> Result<(), Error> {
        let mut result = self.try_to_write(prepared.clone());
        if matches!(result, Err(Error::Full { .. })) {
            let is_first = !std::mem::replace(&mut self.is_full, true);
            if wipe::make_room(&mut self.connection, is_first).is_ok() {
                result = self.try_to_write(prepared);
            }
        }
        result
    }

    fn try_to_write<'p>(
        &mut self,
        prepared: impl IntoIterator<Item = &'p Prepared>,
    ) -> Result<(), Error> {
        let now = crate::prepare::nanos(self.clock.now().unix_nanos());
        let written = self.transact(|connection, _| batch::write(connection, prepared, now))?;
        self.is_full = false;
        let Written {
            docs,
            told,
            has_changed,
        } = written;
        self.unread.extend(docs);
        for span in told {
            self.unread.leave(span);
        }
        if has_changed {
            self.is_settled = false;
            self.queue.advance();
        }
        Ok(())
    }

    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Unread) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let result = (|| {
            let transaction = begin(&mut self.connection)?;
            let done = work(&transaction, &mut self.unread)?;
            transaction.commit()?;
            Ok(done)
        })();
        result.map_err(|fault: Fault| fault.into_error(&self.queue.path))
    }

    fn other(&mut self, job: Job) {
        match job {
            Job::Settle(reply) => answer(&reply, self.settle()),
            Job::Forget(what, reply) => {
                let is_nothing = |gone: &Vec<Forgotten>| gone.iter().all(Forgotten::is_nothing);
                let done = self.remove(is_nothing, |writer| {
                    forget::forget(&mut writer.connection, &writer.wiper, &what)
                });
                answer(&reply, done);
            }
            Job::Retain(now, reply) => {
                let done = self.remove(Forgotten::is_nothing, |writer| {
                    let (connection, wiper) = (&mut writer.connection, &writer.wiper);
                    retain::retain(connection, wiper, &writer.retention, now)
                });
                answer(&reply, done);
            }
            Job::Ingest(prepared, _, reply) => self.ingest(vec![(prepared, reply)]),
        }
    }

    /// Does something that makes a file smaller in the end. One at its limit needs some room for that.
    fn unlimited<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let done = file::limit(&self.connection, None)
            .map_err(Fault::of)
            .and_then(|()| work(self));
        let limited = file::limit(&self.connection, self.max_bytes).map_err(Fault::of);
        let done = done.and_then(|done| limited.map(|()| done));
        done.map_err(|fault| fault.into_error(&self.queue.path))
    }

    /// Takes things out.
    fn remove<T>(
        &mut self,
        is_nothing: impl FnOnce(&T) -> bool,
        work: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let done = self.unlimited(work);
        if !done.as_ref().is_ok_and(is_nothing) {
            self.is_settled = false;
            self.queue.advance();
        }
        done
    }

    fn settle_traces(&mut self) -> Result<bool, Error> {
        let some = self.transact(|connection, _| traces::settle_some(connection))?;
        if some {
            self.queue.advance();
        }
        Ok(some)
    }

    fn index(&mut self) -> Result<bool, Error> {
        let queue = Arc::clone(&self.queue);
        let indexed = self
            .transact(|connection, unread| unread.index_some(connection, || queue.is_waited_for()));
        match indexed {
            Ok(true) => self.queue.advance(),
            Ok(false) => {}
            // What was taken from memory is still marked in the file.
            Err(_) => self.unread.clear(),
        }
        indexed
    }

    /// Sums up and indexes some of what has changed.
    fn settle_idly(&mut self) {
        let some = match self.settle_traces() {
            Ok(false) => self.index(),
            other => other,
        };
        // After a failure the next request says whether it makes sense to try again.
        self.is_settled = !matches!(some, Ok(true));
    }

    fn settle(&mut self) -> Result<(), Error> {
        while self.settle_traces()? || self.index()? {}
        self.is_settled = true;
        Ok(())
    }
}

/// Waits until something comes, or nothing has for a while.
fn until_quiet<'q>(
    queue: &'q Queue,
    mut waiting: MutexGuard<'q, Waiting>,
) -> MutexGuard<'q, Waiting> {
    for _ in 0..PREPARING {
        let woken = queue.wake.wait_timeout(waiting, QUIET);
        waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        let has_come = !waiting.jobs.is_empty() || waiting.is_closed;
        if has_come || !queue.has_senders() {
            break;
        }
    }
    waiting
}

/// Answers whoever still waits.
fn answer<T>(reply: &Reply<T>, result: Result<T, Error>) {
    drop(reply.send(result));
}
