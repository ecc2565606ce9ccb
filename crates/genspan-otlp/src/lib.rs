//! Builds OTLP from signals and delivers it to files and collectors.
//!
//! [`OtlpSink`] stands behind a recorder and turns its signals into OTLP; [`Destination`] says where that
//! goes; [`Pipeline`] delivers: batches bounded in bytes, retries, a bounded spool
//! on disk while a collector is away, and a [`Report`] that accounts for every item.

mod aggregate;
mod batch;
mod convert;
mod destination;
mod environment;
mod export;
mod fit;
mod json;
mod percent;
mod pipeline;
mod private;
mod report;
mod request;
mod retry;
mod signal;
mod sink;
mod spool;
mod timer;

pub use destination::{
    Destination, DestinationError, Endpoint, GrpcEndpoint, HeaderError, Headers, HttpEndpoint,
    Temporality,
};
pub use environment::{EnvironmentError, from_environment, resource_from_environment};
pub use pipeline::{Batching, Lane, MetricSource, Pipeline, PipelineOptions, StartError, WhenFull};
pub use report::{DestinationReport, Lost, Reason, Report};
pub use request::Encoding;
pub use retry::Retry;
pub use signal::{Counts, Item, Signal};
pub use sink::{CountingIds, IdGenerator, OtlpSink, RandomIds, Route, Sampling, SinkOptions};
pub use timer::{Sleep, SystemTimer, Timer};
