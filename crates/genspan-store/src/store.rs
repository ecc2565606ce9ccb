//! The store.

mod beside;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use genspan::{SpanId, TraceId};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};

use crate::{
    Access, Error, Filter, Forget, Forgotten, Ingested, Options, Page,
    file::{self, Fault, Handle},
    prepare,
    query::{self, Asker},
    read::{
        Conversation, ConversationPage, Facets, SpanDetail, SpanPage, Statistics, Trace, TracePage,
    },
    readers::Readers,
    schema,
    writer::{self, Queue},
};

/// Keeps telemetry in a file; cheap to clone, shared between threads.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    options: Options,
    readers: Readers,
    /// `None` where the store is only read.
    queue: Option<Arc<Queue>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Goes last, after all connections.
    _handle: Option<Arc<Handle>>,
}

/// Holds a trace as OTLP, as it came but for secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    /// Its spans, in the order in which they began.
    pub traces: ExportTraceServiceRequest,
    /// Its log records, in the order of time.
    pub logs: ExportLogsServiceRequest,
}

impl Store {
    /// Opens the store at a path, and makes it and its folder where there is none.
    ///
    /// Both are made for their owner alone. An older file is brought up to date.
    ///
    /// # Errors
    ///
    /// When the file cannot be reached or written, is none of ours, or a newer version of this crate made it.
    pub fn open(path: &Path, options: Options) -> Result<Self, Error> {
        let handle = match options.access {
            Access::ReadWrite => {
                let made = file::make_private(path).and_then(|()| Handle::new(path));
                Some(made.map_err(|error| io(path, &error))?)
            }
            // A file that is not there is told by whoever opens it.
            Access::ReadOnly => Handle::new(path).ok(),
        };
        let handle = handle.map(Arc::new);
        let readers = Readers::new(path.to_owned(), options.access);
        let (queue, thread) = match (options.access, &handle) {
            (Access::ReadWrite, Some(handle)) => {
                let (queue, thread) = open_writer(path, &options, Arc::clone(handle))?;
                (Some(queue), Some(thread))
            }
            _ => {
                readers.read(|connection| Ok(schema::check_whole(connection, path)))??;
                (None, None)
            }
        };
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            options,
            readers,
            queue,
            thread: Mutex::new(thread),
            _handle: handle,
        })))
    }

    /// Gives the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Takes spans in, in any order, and blocks the thread until they are safe on disk.
    ///
    /// Of a span that comes more than once, the one that ended last counts, then the one that says more.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn ingest_traces(&self, request: &ExportTraceServiceRequest) -> Result<Ingested, Error> {
        self.take_traces(request.clone())
    }

    /// Takes spans in as [`ingest_traces`](Self::ingest_traces) does, without a copy of them.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn take_traces(&self, request: ExportTraceServiceRequest) -> Result<Ingested, Error> {
        let options = &self.0.options;
        self.writer()?
            .ingest(|effort| prepare::spans(request, options, effort))
    }

    /// Takes log records in, and blocks the thread until they are safe on disk.
    ///
    /// Those that name a span are shown as events of it, whichever came first.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn ingest_logs(&self, request: &ExportLogsServiceRequest) -> Result<Ingested, Error> {
        self.take_logs(request.clone())
    }

    /// Takes log records in as [`ingest_logs`](Self::ingest_logs) does, without a copy of them.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn take_logs(&self, request: ExportLogsServiceRequest) -> Result<Ingested, Error> {
        let options = &self.0.options;
        self.writer()?
            .ingest(|effort| prepare::logs(request, options, effort))
    }

    /// Takes metrics in, and blocks the thread until they are safe on disk.
    ///
    /// They are kept as they came, but for exemplars, as long as other things are; what is shown of traces is counted from spans.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn ingest_metrics(&self, request: &ExportMetricsServiceRequest) -> Result<Ingested, Error> {
        self.take_metrics(request.clone())
    }

    /// Takes metrics in as [`ingest_metrics`](Self::ingest_metrics) does, without a copy of them.
    ///
    /// # Errors
    ///
    /// When nothing of the request was taken in: [`Error::is_retryable`] tells whether to send it again.
    pub fn take_metrics(&self, request: ExportMetricsServiceRequest) -> Result<Ingested, Error> {
        let options = &self.0.options;
        self.writer()?
            .ingest(|_| prepare::metrics(request, options))
    }

    /// Waits until all that was acknowledged is in lists, sums and search, where it comes within moments anyway.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn settle(&self) -> Result<(), Error> {
        match &self.0.queue {
            Some(queue) => queue.settle(),
            None => Ok(()),
        }
    }

    /// Lists traces, the newest first.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn traces(&self, filter: &Filter, page: Page) -> Result<TracePage, Error> {
        let revision = self.revision();
        let mut list = self.ask(|asker| query::traces(asker, filter, page))?;
        list.revision = revision;
        Ok(list)
    }

    /// Opens a trace, without what was said in it; `None` where it is not known.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn trace(&self, trace: &TraceId) -> Result<Option<Trace>, Error> {
        self.ask(|asker| query::trace(asker, trace))
    }

    /// Opens a span, with all that was said in it; `None` where it is not known.
    ///
    /// A span that told the same as others stands for all of them.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn span(&self, trace: &TraceId, span: &SpanId) -> Result<Option<SpanDetail>, Error> {
        self.ask(|asker| query::span(asker, trace, span))
    }

    /// Lists spans, the newest first.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn spans(&self, filter: &Filter, page: Page) -> Result<SpanPage, Error> {
        self.ask(|asker| query::spans(asker, filter, page))
    }

    /// Lists conversations, the latest first; those count whose traces the filter wants.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn conversations(&self, filter: &Filter, page: Page) -> Result<ConversationPage, Error> {
        self.ask(|asker| query::conversations(asker, filter, page))
    }

    /// Opens a conversation; `None` where it is not known.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn conversation(&self, id: &str) -> Result<Option<Conversation>, Error> {
        self.ask(|asker| query::conversation(asker, id))
    }

    /// Sums up the calls to models and the executions of tools that the filter wants.
    ///
    /// `bucket_micros` is how long a point of a series is; 0 leaves the series out.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn statistics(&self, filter: &Filter, bucket_micros: u64) -> Result<Statistics, Error> {
        self.ask(|asker| query::statistics(asker, filter, bucket_micros))
    }

    /// Gives what there is to choose from in filters.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn facets(&self) -> Result<Facets, Error> {
        self.ask(query::facets)
    }

    /// Gives a trace as OTLP; `None` where it is not known.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn export(&self, trace: &TraceId) -> Result<Option<Exported>, Error> {
        self.ask(|asker| query::export(asker, trace))
    }

    /// Grows with every change that readers can see; costs nothing to ask.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.0.queue.as_ref().map_or(0, |queue| queue.revision())
    }

    /// Forgets, and leaves nothing behind in any byte of the file; content that others share stays.
    ///
    /// Blocks the thread while the file is read once, and what is still to be overwritten in it is; what was
    /// [let go](Self::retain) before is overwritten with it. Other processes write meanwhile, and wait no longer than about
    /// a second.
    ///
    /// # Errors
    ///
    /// When the file cannot be written. Where it is [`Error::Busy`], readers elsewhere hold on to what was forgotten: it is
    /// in no list any more, and to be wiped by another call.
    pub fn forget(&self, what: &Forget) -> Result<Forgotten, Error> {
        let gone = self.forget_each(&[*what])?;
        Ok(gone.into_iter().next().unwrap_or_default())
    }

    /// Forgets several as [`forget`](Self::forget) does one, and reads the file once for all of them.
    ///
    /// Counts for each, in their order, what went with it.
    ///
    /// # Errors
    ///
    /// As [`forget`](Self::forget); some of them may be in no list any more then.
    pub fn forget_each(&self, what: &[Forget]) -> Result<Vec<Forgotten>, Error> {
        self.writer()?.forget(what.to_vec())
    }

    /// Lets what is too old or too much go, as [`Retention`](crate::Retention) says; to be called now and then.
    ///
    /// It is in no list any more. Bytes that are left of it where its rows stood before are overwritten once a day, by the
    /// first call that finds them a day old, or by any [`forget`](Self::forget), since the whole file is read for that.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn retain(&self, now_micros: i64) -> Result<Forgotten, Error> {
        self.writer()?.retain(now_micros)
    }

    /// Writes and indexes what waits, and lets go of the file; the same happens when the last clone is dropped.
    pub fn close(&self) {
        self.0.close();
    }

    fn writer(&self) -> Result<&Queue, Error> {
        self.0.queue.as_deref().ok_or_else(|| Error::ReadOnly {
            path: self.0.path.clone(),
            what: "it was opened to be read only".to_owned(),
        })
    }

    fn ask<T>(&self, question: impl FnOnce(&Asker<'_>) -> Result<T, Fault>) -> Result<T, Error> {
        let options = &self.0.options;
        self.0.readers.read(|connection| {
            question(&Asker {
                connection,
                prices: options.prices.as_deref(),
                now: prepare::nanos(options.clock.now().unix_nanos()),
            })
        })
    }
}

fn io(path: &Path, error: &std::io::Error) -> Error {
    let path = path.to_owned();
    let what = error.to_string();
    match error.kind() {
        _ if file::is_refusal(error) => Error::ReadOnly { path, what },
        std::io::ErrorKind::StorageFull => Error::Full { what },
        _ => Error::Io { path, what },
    }
}

fn open_writer(
    path: &Path,
    options: &Options,
    handle: Arc<Handle>,
) -> Result<(Arc<Queue>, JoinHandle<()>), Error> {
    let fault = |error| Fault::of(error).into_error(path);
    let mut connection = file::writer(path, options.max_file_bytes).map_err(fault)?;
    schema::migrate(&mut connection, path)?;
    let queue = Arc::new(Queue::new(path.to_owned(), options.max_waiting_bytes));
    let thread = writer::start(
        Arc::clone(&queue),
        connection,
        handle,
        Arc::clone(&options.clock),
        options.retention,
        options.max_file_bytes,
    );
    Ok((queue, thread.map_err(|error| io(path, &error))?))
}

impl Inner {
    fn close(&self) {
        if let Some(queue) = &self.queue {
            queue.close();
        }
        self.readers.close();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
