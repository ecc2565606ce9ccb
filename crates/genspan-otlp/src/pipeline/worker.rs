//! Gathers, sends, keeps and sends again, for one destination.

use std::{
    future::pending,
    io,
    sync::{Arc, mpsc::Sender},
    time::Duration,
};

use genspan::Clock;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    Back, Batching, MetricSource, Patience, PipelineOptions,
    losses::Losses,
    queue::{Load, Queue, Queued},
};
use crate::{
    Encoding, Item, Signal, Sleep, Timer,
    batch::{Added, Batch, Batcher},
    envelope::{Envelope, Origin, Under},
    export::{Exporter, Outcome},
    report::{Ledger, Reason},
    retry::Backoff,
    spool::{Spool, SpoolError},
};

/// Asks a worker for something; it answers when it is done.
#[derive(Debug)]
pub(super) enum Command {
    Flush(Sender<()>),
    Shutdown(Sender<()>),
}

/// Delivers the items of one queue to one destination.
///
/// It is in one of two states. While the destination answers, a full or due request is sent at once.
/// After a failure the destination is *away*: requests go to the end of the spool, and the oldest of
/// the spool is tried whenever the back-off allows; when the spool is empty, the destination is back.
pub(super) struct Worker {
    queue: Arc<Queue>,
    ledger: Ledger,
    commands: UnboundedReceiver<Command>,
    patience: Patience,
    exporter: Exporter,
    batcher: Batcher,
    spool: Spool,
    backoff: Backoff,
    losses: Losses,
    takes_metrics: bool,
    metrics: Option<Arc<dyn MetricSource>>,
    metrics_interval: Duration,
    delay: Option<Duration>,
    timer: Arc<dyn Timer>,
    clock: Arc<dyn Clock>,
    is_away: bool,
    /// When what was gathered is sent.
    due: Option<Sleep>,
    /// When the destination that is away is tried again; at once where it is `None`.
    retry: Option<Sleep>,
    /// When metrics are collected.
    tick: Option<Sleep>,
}

/// A single item that is refused for its size is not cut below this.
const SMALLEST: usize = 16 * 1024;

/// What is being written on this machine when time is up may take this much longer, since the spool would not be faster.
const LOCAL_GRACE: Duration = Duration::from_secs(1);

impl Worker {
    /// Prepares the way to the destination; must be called within the runtime.
    pub(super) fn new(back: Back, options: &PipelineOptions) -> io::Result<Self> {
        let Back {
            lane,
            queue,
            ledger,
            commands,
            patience,
        } = back;
        let exporter = Exporter::open(&lane.destination)?;
        let is_network = exporter.is_network();
        let delay = match options.batching {
            Batching::Standard if is_network => Some(Duration::from_secs(1)),
            Batching::Standard => Some(Duration::from_millis(200)),
            Batching::After(delay) => Some(delay),
            Batching::OnFlush => None,
        };
        let spool = match (&options.spool, lane.destination.spool_name()) {
            (Some(root), Some(name)) => Spool::on_disk(root.join(name), options.spool_bytes),
            _ => Spool::in_memory(options.spool_bytes),
        };
        for (signal, count) in spool.counts() {
            ledger.found(signal, count);
        }
        let envelope = Envelope {
            resource: lane.resource,
            origin: Origin {
                scope: lane.scope,
                schema_url: lane.schema_url,
            },
        };
        let worker = Self {
            batcher: Batcher::new(
                envelope,
                exporter.encoding(),
                options.request_bytes,
                is_network,
            ),
            is_away: !spool.is_empty(),
            takes_metrics: lane.destination.takes(Signal::Metrics),
            losses: Losses::new(options.clock.now(), lane.destination.temporality),
            metrics: lane
                .metrics
                .filter(|_| lane.destination.takes(Signal::Metrics)),
            metrics_interval: options.metrics_interval,
            backoff: Backoff::new(options.retry.clone()),
            timer: Arc::clone(&options.timer),
            clock: Arc::clone(&options.clock),
            due: None,
            retry: None,
            tick: None,
            queue,
            ledger,
            commands,
            patience,
            exporter,
            spool,
            delay,
        };
        worker.tell_spool();
        Ok(worker)
    }

    /// Works until it is shut down.
    pub(super) async fn run(mut self) {
        self.tick = self.next_tick();
        loop {
            self.absorb().await;
            let command = if self.is_away && self.retry.is_none() {
                self.send_oldest().await;
                self.commands.try_recv().ok()
            } else {
                self.next_event().await
            };
            match command {
                None => {}
                Some(Command::Flush(done)) => {
                    self.finish().await;
                    drop(done);
                }
                Some(Command::Shutdown(done)) => {
                    self.queue.close();
                    self.finish().await;
                    self.give_up();
                    return drop(done);
                }
            }
        }
    }

    /// Waits until there is something to do, and does it unless it is a command.
    async fn next_event(&mut self) -> Option<Command> {
        tokio::select! {
            biased;
            command = self.commands.recv() => {
                // Without a pipeline there is nobody left to ask for anything else.
                return Some(command.unwrap_or_else(|| Command::Shutdown(std::sync::mpsc::channel().0)));
            }
            () = elapsed(&mut self.retry) => return None,
            () = elapsed(&mut self.due) => {}
            () = elapsed(&mut self.tick) => {
                self.tick = self.next_tick();
                self.collect().await;
            }
            // Last, so that no stream of items holds up what is due.
            () = self.queue.ready() => return None,
        }
        self.emit().await;
        None
    }

    fn next_tick(&self) -> Option<Sleep> {
        self.metrics
            .as_ref()
            .map(|_| self.timer.sleep(self.metrics_interval))
    }

    /// Gathers what is queued and sends what is full.
    async fn absorb(&mut self) {
        for Queued { load, count } in self.queue.take() {
            match load {
                Load::Item(item, under) => self.gather(item, under, count).await,
                Load::Request(request) => {
                    let added = self.batcher.whole(request, count);
                    self.pass_on(added).await;
                }
            }
        }
        if self.batcher.is_empty() {
            self.due = None;
        } else if self.due.is_none() {
            self.due = self.delay.map(|delay| self.timer.sleep(delay));
        }
    }

    async fn gather(&mut self, item: Item, under: Under, count: u64) {
        let added = self.batcher.add(item, under, count);
        self.pass_on(added).await;
    }

    async fn pass_on(&mut self, Added { full, too_large }: Added) {
        for signal in Signal::ALL {
            self.ledger
                .lose(signal, too_large.of(signal), Reason::TooLarge);
        }
        for batch in full {
            self.hand_over(batch).await;
        }
    }

    async fn collect(&mut self) {
        let now = self.clock.now();
        for metric in self
            .metrics
            .as_ref()
            .map(|source| source.collect(now))
            .unwrap_or_default()
        {
            let item = Item::Metric(Box::new(metric));
            let count = item.count();
            self.ledger.accept(Signal::Metrics, count);
            self.gather(item, Under::Lane, count).await;
        }
    }

    /// Sends all that was gathered, with word of new losses.
    async fn emit(&mut self) {
        self.due = None;
        if self.takes_metrics
            && let Some(metric) = self.losses.tell(self.ledger.lost(), self.clock.now())
        {
            self.gather(Item::Metric(Box::new(metric)), Under::Lane, 0)
                .await;
        }
        for batch in self.batcher.close() {
            self.hand_over(batch).await;
        }
    }

    /// Sends all there is; a destination that is away is tried once.
    async fn finish(&mut self) {
        self.retry = None;
        self.absorb().await;
        self.collect().await;
        self.emit().await;
        while self.is_away && self.retry.is_none() {
            self.send_oldest().await;
        }
        if let Err(error) = self.exporter.sync().await {
            self.ledger.trouble(error.to_string());
        }
    }

    /// Settles what only memory holds.
    fn give_up(&self) {
        if self.spool.path().is_none() {
            for (signal, count) in self.spool.counts() {
                self.ledger.unspool(signal, count);
                self.ledger.lose(signal, count, Reason::Unreachable);
            }
        }
    }

    /// Sends a batch, or keeps it while the destination is away.
    async fn hand_over(&mut self, batch: Batch) {
        if self.is_away {
            self.keep(&batch);
        } else if let Err(Left { rest, after }) = self.send(batch).await {
            self.keep(&rest);
            self.went_away(after);
        }
    }

    fn keep(&mut self, batch: &Batch) {
        let (signal, count) = (batch.signal(), batch.count());
        match self.spool.append(batch) {
            Ok(()) => self.ledger.spool(signal, count),
            Err(SpoolError::Full) => self.ledger.lose(signal, count, Reason::SpoolFull),
            Err(SpoolError::Io(error)) => {
                self.ledger.lose(signal, count, Reason::SpoolFailed);
                self.ledger.trouble(error.to_string());
            }
        }
        self.tell_spool();
    }

    fn tell_spool(&self) {
        self.ledger.spool_at(self.spool.path());
        if let Some(error) = self.spool.trouble() {
            self.ledger
                .trouble(format!("the spool cannot be used: {error}"));
        }
    }

    fn went_away(&mut self, asked: Option<Duration>) {
        self.is_away = true;
        self.retry = Some(self.timer.sleep(self.backoff.failed(asked)));
    }

    /// Tries the oldest batch of the spool; without one, the destination is back.
    async fn send_oldest(&mut self) {
        let Some(oldest) = self.spool.oldest() else {
            self.is_away = false;
            return;
        };
        let batch = match oldest {
            Ok(batch) => batch,
            Err((signal, count)) => {
                self.ledger.unspool(signal, count);
                self.ledger.lose(signal, count, Reason::SpoolUnreadable);
                self.spool.remove_oldest();
                return;
            }
        };
        let count = batch.count();
        self.ledger.unspool(batch.signal(), count);
        match self.send(batch).await {
            Ok(()) => {
                self.spool.remove_oldest();
                self.backoff.succeeded();
            }
            Err(Left { rest, after }) => {
                self.ledger.spool(rest.signal(), rest.count());
                if rest.count() != count
                    && let Err(error) = self.spool.replace_oldest(&rest)
                {
                    self.ledger.trouble(error.to_string());
                }
                self.went_away(after);
            }
        }
    }

    /// Sends a batch, in parts where it is too large; what was refused is settled here.
    async fn send(&mut self, batch: Batch) -> Result<(), Left> {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            let (signal, count) = (part.signal(), part.count());
            match self.attempt(&part).await {
                Outcome::Delivered { rejected } => {
                    let rejected = rejected.min(count);
                    self.ledger.deliver(signal, count - rejected);
                    self.ledger.lose(signal, rejected, Reason::Rejected);
                }
                Outcome::Refused { why } => self.lose(&part, Reason::Refused, why),
                Outcome::NotWritten { why } => self.lose(&part, Reason::WriteFailed, why),
                Outcome::TooLarge { why } => match part.split() {
                    Ok((first, second)) => parts.extend([second, first]),
                    Err(one) => parts.extend(self.shrink(one, why)),
                },
                Outcome::Away { after, why } => {
                    self.ledger.trouble(why);
                    return Err(Left {
                        rest: self.merge(part, parts),
                        after,
                    });
                }
            }
        }
        Ok(())
    }

    fn lose(&self, batch: &Batch, reason: Reason, why: String) {
        self.ledger.lose(batch.signal(), batch.count(), reason);
        self.ledger.trouble(why);
    }

    /// Halves the size of an item that was refused for it, or gives it up.
    fn shrink(&self, mut one: Batch, why: String) -> Option<Batch> {
        let encoding: Encoding = self.exporter.encoding();
        let limit = one.len(encoding) / 2;
        if limit >= SMALLEST && one.shrink(limit, encoding) {
            return Some(one);
        }
        self.lose(&one, Reason::TooLarge, why);
        None
    }

    /// Puts the parts of a batch together again, in their order.
    fn merge(&self, first: Batch, later: Vec<Batch>) -> Batch {
        let mut whole = first;
        for part in later.into_iter().rev() {
            if let Err(part) = whole.append(part) {
                self.lose(
                    &part,
                    Reason::SpoolFailed,
                    "a request of mixed signals".to_owned(),
                );
            }
        }
        whole
    }

    async fn attempt(&mut self, batch: &Batch) -> Outcome {
        let request = batch.request();
        let Some(timeout) = self.exporter.timeout() else {
            return self.exporter.export(request).await;
        };
        let no_time = || Outcome::Away {
            after: None,
            why: "there was no time left to deliver".to_owned(),
        };
        if self.patience.is_over() {
            return no_time();
        }
        let expired = self.timer.sleep(timeout);
        let grace = (!self.exporter.is_network()).then_some(LOCAL_GRACE);
        let over = async {
            self.patience.over().await;
            if let Some(grace) = grace {
                self.timer.sleep(grace).await;
            }
        };
        tokio::select! {
            biased;
            outcome = self.exporter.export(request) => outcome,
            () = over => no_time(),
            () = expired => Outcome::Away { after: None, why: format!("no answer within {timeout:?}") },
        }
    }
}

/// Holds what was not sent of a batch because the destination is away.
struct Left {
    rest: Batch,
    after: Option<Duration>,
}

/// Waits for a timer that may not be set, and unsets it.
async fn elapsed(sleep: &mut Option<Sleep>) {
    match sleep {
        Some(running) => running.as_mut().await,
        None => pending().await,
    }
    *sleep = None;
}
