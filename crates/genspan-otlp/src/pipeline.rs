//! The way from many threads to many destinations.
//!
//! Threads put items into a bounded queue for each destination ([`Pipeline::send`]) and never wait. One
//! thread of the pipeline's own gathers them into requests and delivers those. A destination that does
//! not answer costs the others nothing: each has its own queue, its own spool and its own worker on
//! that thread.

mod losses;
mod options;
mod patience;
mod queue;
mod worker;

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use genspan::Clock;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    watch,
};

pub use self::options::{Batching, Lane, MetricSource, PipelineOptions, Surroundings, WhenFull};
use self::{
    patience::Patience,
    queue::{Load, Queue},
    worker::{Command, Worker},
};
use crate::{Destination, Item, Origin, Report, Request, envelope::Under, report::Ledger};

/// Says why a pipeline could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A destination cannot be prepared: its file cannot be opened, or encryption cannot be set up.
    #[error("{destination}: {error}")]
    Destination {
        /// The destination, without secrets.
        destination: String,
        /// What the system says.
        error: io::Error,
    },
    /// The system gives no thread.
    #[error("the export thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Delivers items to destinations, on a thread of its own.
///
/// Dropping it without a [`shutdown`](Self::shutdown) delivers what a second allows.
///
/// ```no_run
/// use std::time::Duration;
///
/// use genspan_otlp::{Lane, Pipeline, PipelineOptions};
///
/// let lane = Lane::new("file:spans.jsonl".parse()?);
/// let pipeline = Pipeline::start(vec![lane], PipelineOptions::default())?;
/// println!("{}", pipeline.shutdown(Duration::from_secs(5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pipeline {
    fronts: Vec<Front>,
    stop: watch::Sender<Option<Duration>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    clock: Arc<dyn Clock>,
}

/// Holds the callers' side of one destination.
struct Front {
    destination: Destination,
    queue: Arc<Queue>,
    ledger: Ledger,
    commands: UnboundedSender<Command>,
}

/// Holds the workers' side of one destination, until its worker is made.
struct Back {
    lane: Lane,
    queue: Arc<Queue>,
    ledger: Ledger,
    commands: UnboundedReceiver<Command>,
    patience: Patience,
}

/// What a worker needs to write down what it has, once its time is over.
const GRACE: Duration = Duration::from_secs(2);

const DROPPED_WITHOUT_SHUTDOWN: Duration = Duration::from_secs(1);

impl Pipeline {
    /// Starts delivering; items are for the lanes by their place in `lanes`.
    ///
    /// # Errors
    ///
    /// Returns an error where a file cannot be opened, encryption cannot be set up or there is no thread.
    /// A collector that does not answer is no error: it may come later.
    pub fn start(lanes: Vec<Lane>, options: PipelineOptions) -> Result<Self, StartError> {
        let (stop, stopped) = watch::channel(None);
        let clock = Arc::clone(&options.clock);
        let (fronts, backs) = lanes
            .into_iter()
            .map(|lane| {
                let ledger = Ledger::default();
                let queue = Arc::new(Queue::new(&options, ledger.clone()));
                let (commands, received) = unbounded_channel();
                let patience = Patience::new(stopped.clone(), Arc::clone(&options.timer));
                let front = Front {
                    destination: lane.destination.clone(),
                    queue: Arc::clone(&queue),
                    ledger: ledger.clone(),
                    commands,
                };
                (
                    front,
                    Back {
                        lane,
                        queue,
                        ledger,
                        commands: received,
                        patience,
                    },
                )
            })
            .unzip();
        let (ready, is_ready) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("genspan-otlp".to_owned())
            .spawn(move || run(backs, &options, &ready))
            .map_err(StartError::Thread)?;
        let ended = || StartError::Thread(io::Error::other("it ended at once"));
        is_ready.recv().map_err(|_| ended())??;
        Ok(Self {
            fronts,
            stop,
            thread: Mutex::new(Some(thread)),
            clock,
        })
    }

    /// Hands an item over to the lane of this number; tells whether it was taken.
    ///
    /// An item for which there is no room is dropped and counted. A destination that does not want the
    /// signal takes and forgets it.
    pub fn send(&self, lane: usize, item: Item) -> bool {
        self.push(lane, item, Under::Lane)
    }

    /// Hands an item over as [`send`](Self::send) does, under another schema than the lane's.
    pub fn send_under(&self, lane: usize, item: Item, schema_url: Option<&'static str>) -> bool {
        self.push(lane, item, schema_url.map_or(Under::Lane, Under::Schema))
    }

    /// Hands an item over as [`send`](Self::send) does, under a scope and schema of its own.
    pub fn send_from(&self, lane: usize, item: Item, origin: &Arc<Origin>) -> bool {
        self.push(lane, item, Under::Origin(Arc::clone(origin)))
    }

    /// Hands a whole request over as [`send`](Self::send) does an item; it is delivered with the resources and scopes that
    /// it has.
    ///
    /// It is not gathered with others. Where a network is between and it is larger than a request may be, it goes in parts.
    pub fn send_request(&self, lane: usize, request: Request) -> bool {
        self.fronts.get(lane).is_some_and(|front| {
            !front.destination.takes_requests(request.signal())
                || front.queue.push(Load::Request(request))
        })
    }

    fn push(&self, lane: usize, item: Item, under: Under) -> bool {
        self.fronts.get(lane).is_some_and(|front| {
            !front.destination.takes(item.signal()) || front.queue.push(Load::Item(item, under))
        })
    }

    /// Gives the destinations in the order of their lanes.
    pub fn destinations(&self) -> impl Iterator<Item = &Destination> {
        self.fronts.iter().map(|front| &front.destination)
    }

    /// Tells what became of everything so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let destinations = self
            .fronts
            .iter()
            .map(|front| front.ledger.report(front.destination.to_string()));
        Report {
            destinations: destinations.collect(),
        }
    }

    /// Delivers what was handed over so far, as far as `timeout` allows.
    ///
    /// A destination that is away is tried once; what it does not take waits in its spool.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> Report {
        self.wait(&self.command(Command::Flush), timeout);
        self.report()
    }

    /// Delivers what was handed over and stops; later items are dropped and counted.
    ///
    /// A destination that is away is tried once more. Once `timeout` is over, what is left goes to the
    /// spool, or is lost where there is none on disk. A second call only reports.
    #[must_use]
    pub fn shutdown(&self, timeout: Duration) -> Report {
        for front in &self.fronts {
            front.queue.close();
        }
        // Workers that are in the middle of an attempt learn that their time is counted.
        self.stop.send_replace(Some(timeout));
        let is_done = self.wait(
            &self.command(Command::Shutdown),
            timeout.saturating_add(GRACE),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread.filter(|_| is_done) {
            // A panic there has cost what the report shows as still on its way.
            drop(thread.join());
        }
        self.report()
    }

    /// Tells all workers to do something; they answer on the returned channel.
    fn command(&self, command: fn(mpsc::Sender<()>) -> Command) -> Receiver<()> {
        let (reply, replies) = mpsc::channel();
        for front in &self.fronts {
            // A worker that is gone has nothing left to do.
            drop(front.commands.send(command(reply.clone())));
        }
        replies
    }

    /// Waits until all who were asked have answered or are gone; tells whether they are.
    fn wait(&self, replies: &Receiver<()>, timeout: Duration) -> bool {
        let began = self.clock.now();
        loop {
            let left = timeout.saturating_sub(self.clock.now().since(began));
            match replies.recv_timeout(left) {
                Ok(()) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(mpsc::RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let is_running = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some();
        if is_running {
            drop(self.shutdown(DROPPED_WITHOUT_SHUTDOWN));
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.destinations().map(ToString::to_string).collect();
        f.debug_struct("Pipeline")
            .field("destinations", &names)
            .finish_non_exhaustive()
    }
}

/// Runs all workers until each was shut down.
fn run(backs: Vec<Back>, options: &PipelineOptions, ready: &mpsc::Sender<Result<(), StartError>>) {
    let _surroundings = options.surroundings.enter();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(StartError::Thread(error)))),
    };
    runtime.block_on(async {
        let mut workers = Vec::new();
        for back in backs {
            let destination = back.lane.destination.to_string();
            match Worker::new(back, options) {
                Ok(worker) => workers.push(worker),
                Err(error) => {
                    return drop(ready.send(Err(StartError::Destination { destination, error })));
                }
            }
        }
        drop(ready.send(Ok(())));
        let running: Vec<_> = workers
            .into_iter()
            .map(|worker| tokio::spawn(worker.run()))
            .collect();
        for worker in running {
            // One worker's panic ends that worker alone.
            drop(worker.await);
        }
    });
    // Looking up a host name cannot be interrupted, and must not hold up the end.
    runtime.shutdown_background();
}

#[cfg(test)]
mod tests;
