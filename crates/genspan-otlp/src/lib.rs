//! Builds OTLP from signals and delivers it to files and collectors.
//!
//! [`OtlpSink`] stands behind a recorder and turns its signals into OTLP; [`Destination`] says where that
//! goes; [`Pipeline`] delivers: batches bounded in bytes, retries, a bounded spool
//! on disk while a collector is away, and a [`Report`] that accounts for every item.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//!
//! use genspan::{Rendering, Telemetry};
//! use genspan_otlp::{OtlpSink, Route, SinkOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let destination = "http://localhost:4318".parse()?;
//! let route = Route { destination, rendering: Rendering::default() };
//! let sink = OtlpSink::start(vec![route], SinkOptions::default())?;
//! let telemetry = Telemetry::builder(Arc::new(sink)).build();
//! // … record …
//! println!("{}", telemetry.shutdown(Duration::from_secs(5)));
//! # Ok(())
//! # }
//! ```
//!
//! | signal | becomes |
//! |---|---|
//! | span | a span with explicit ids and times; content stays structured |
//! | details event | a log record with its event name, in the span's context |
//! | measurement | a point of a histogram with the conventions' buckets, or of a counter; cumulative unless asked otherwise |
//!
//! A store of the program's own is a destination too: a [`Keeper`] writes it, on threads that it may block, or names the
//! server that has it.
//!
//! Bounds: 64 MiB wait in memory and as much on disk for each destination, a request stays under the
//! receivers' 4 MB, and a span that is larger is cut rather than its batch lost.

mod aggregate;
mod batch;
mod convert;
mod destination;
mod envelope;
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
    Keeper, KeeperError, StoreEndpoint, Temporality, Vendor, VendorEndpoint,
};
pub use envelope::Origin;
pub use environment::{EnvironmentError, from_environment, resource_from_environment};
pub use fit::fit_span;
pub use json::{logs_to_json, traces_to_json};
pub use pipeline::{
    Batching, Lane, MetricSource, Pipeline, PipelineOptions, StartError, Surroundings, WhenFull,
};
pub use report::{DestinationReport, Lost, Reason, Report};
pub use request::{Encoding, Request};
pub use retry::Retry;
pub use signal::{Counts, Item, Signal};
pub use sink::{CountingIds, IdGenerator, OtlpSink, RandomIds, Route, Sampling, SinkOptions};
pub use timer::{Sleep, SystemTimer, Timer};
