//! What a pipeline can be told.

use std::{any::Any, fmt, path::PathBuf, sync::Arc, time::Duration};

use genspan::{Clock, SystemClock, Timestamp};
use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope, metrics::v1::Metric, resource::v1::Resource,
};

use crate::{Destination, Retry, SystemTimer, Timer};

/// Describes one destination and what stands round its items.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Where the items go.
    pub destination: Destination,
    /// What they are about.
    pub resource: Resource,
    /// What made them.
    pub scope: InstrumentationScope,
    /// The schema that their names follow.
    pub schema_url: String,
    /// Asked for metrics at each interval, at a flush and at the end.
    pub metrics: Option<Arc<dyn MetricSource>>,
}

impl Lane {
    /// Leads to the given destination, with nothing said about resource and scope.
    #[must_use]
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            resource: Resource::default(),
            scope: InstrumentationScope::default(),
            schema_url: String::new(),
            metrics: None,
        }
    }
}

/// Gives metrics when it is time to send them.
pub trait MetricSource: fmt::Debug + Send + Sync {
    /// Gives all metrics as they stand at the given moment.
    fn collect(&self, at: Timestamp) -> Vec<Metric>;
}

/// Says when a request is sent that is not full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Batching {
    /// After a second where a network is between, after 200 ms otherwise.
    #[default]
    Standard,
    /// After this time.
    After(Duration),
    /// At a flush and at the end only, so that the same items always give the same requests.
    OnFlush,
}

/// Says what happens to an item when the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// It is dropped and counted; the caller goes on.
    #[default]
    Drop,
    /// The caller waits, as an import may; what is larger than the whole queue goes once nothing else waits.
    Wait,
}

/// Sets up the pipeline's thread before anything else happens on it.
///
/// An instrumented program has a context for each thread; here it can switch off what would
/// otherwise tell of the delivery itself.
#[derive(Clone, Default)]
pub struct Surroundings(Option<Arc<dyn Fn() -> Box<dyn Any> + Send + Sync>>);

impl Surroundings {
    /// Keeps what `enter` gives until the thread ends.
    pub fn new<G: 'static>(enter: impl Fn() -> G + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(move || Box::new(enter()))))
    }

    pub(super) fn enter(&self) -> Option<Box<dyn Any>> {
        self.0.as_ref().map(|enter| enter())
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Surroundings")
            .field(&self.0.is_some())
            .finish()
    }
}

/// Tells a pipeline how to work; the defaults suit a recorder beside live traffic.
#[derive(Clone, Debug)]
pub struct PipelineOptions {
    /// Bytes of protobuf that may wait for each destination; 64 MiB by default.
    pub queue_bytes: usize,
    /// Items that may wait for each destination; 65,536 by default.
    pub queue_items: usize,
    /// What happens when either is reached.
    pub when_full: WhenFull,
    /// Bytes of one request as it is sent; 3.5 MiB by default, since receivers take 4 MiB.
    pub request_bytes: usize,
    /// When a request is sent that is not full.
    pub batching: Batching,
    /// How often metrics are sent; 30 s by default.
    pub metrics_interval: Duration,
    /// Where batches wait on disk for destinations that are away; in memory where it is `None`.
    pub spool: Option<PathBuf>,
    /// Bytes that may wait so for each destination; 64 MiB by default. Over it the newest batches are dropped.
    pub spool_bytes: u64,
    /// When a destination that is away is tried again.
    pub retry: Retry,
    /// What the pipeline's thread works within.
    pub surroundings: Surroundings,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            queue_bytes: 64 * 1024 * 1024,
            queue_items: 65_536,
            when_full: WhenFull::default(),
            request_bytes: 3_584 * 1024,
            batching: Batching::default(),
            metrics_interval: Duration::from_secs(30),
            spool: None,
            spool_bytes: 64 * 1024 * 1024,
            retry: Retry::default(),
            surroundings: Surroundings::default(),
            timer: Arc::new(SystemTimer),
            clock: Arc::new(SystemClock::new()),
        }
    }
}
