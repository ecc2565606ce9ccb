//! Keeps traces of LLM calls, tools and agents in one SQLite file, and finds them again.
//!
//! ```no_run
//! use std::{path::Path, sync::Arc};
//!
//! use genspan_store::{Filter, Options, Page, Store};
//! # use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
//! # fn of(request: &ExportTraceServiceRequest) -> Result<(), genspan_store::Error> {
//!
//! let store = Store::open(Path::new("/home/me/.local/share/genspan/spans.db"), Options::default())?;
//! store.ingest_traces(request)?; // on disk, whatever happens now
//! store.settle()?; // in lists and search, where it would be within moments
//!
//! let filter = Filter { text: Some("night train".to_owned()), ..Filter::default() };
//! for trace in store.traces(&filter, Page::default())?.traces {
//!     println!("{} {:?}", trace.trace_id, trace.last_user_message);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is kept
//!
//! OTLP as it came, but for recognised secrets, which are replaced in every text before anything is written. Lists and
//! filters know what spans say in any language that `genspan-dialects` reads; a call that states no cost is priced where its
//! price is known. Spans may come in any order and late; of one that comes twice, that which ended last counts, then the one
//! that says more. Log records are shown as events of the span that they name, and messages which they tell as its own.
//! Each is in a list of its own as well, by time. Metrics are kept as they came, without exemplars, and shown as series. Long texts and lists are kept by what they are: what a conversation's
//! calls repeat is kept once, and once more where some 130,000 to 260,000 other pieces came in between. Where several senders
//! come at once, what they send is compressed less, for a quarter more room and half the time.
//!
//! # What is one
//!
//! One operation that several sources told of is shown as one, with all of them named: a call and the only call within it;
//! calls with the same id of the answer, and executions of tools with the same id of the call, whose times overlap in one
//! trace. Sums count it once; the totals of agents count only where no call within is known.
//!
//! # Who waits for whom
//!
//! One thread writes; what waits is written together, and acknowledged when it is safe on disk. Sums of traces and the index
//! of words follow when there is less to do: a list reckons itself what is behind, a search does not find it yet
//! ([`Store::settle`]). Readers see the file as it was when they asked, and wait for nobody. Any number of processes may share
//! a file.
//!
//! # Limits
//!
//! 64 MiB wait to be written, what comes then is refused as busy. The first 64 KiB of a message can be found. A search considers
//! the 10,000 matching messages that came in last, and only the last 1,000 where they fill the page. Values nested deeper than
//! 48 become nothing. A file holds what the retention allows ([`Retention`]), as it was chosen last; forgetting reads it once
//! and overwrites what is left of what was forgotten. What the retention lets go is overwritten so once a day, or with the
//! next thing that is forgotten. Its room is used again, and given back 16 MiB each time; where half of the file is free, so
//! much that three quarters are used.

mod content;
mod curl;
mod error;
mod file;
mod filter;
mod open;
mod options;
mod prepare;
mod query;
pub mod read;
mod readers;
mod rows;
mod schema;
mod shape;
mod shelves;
mod store;
mod words;
mod writer;

pub use error::Error;
pub use filter::{
    Cursor, Filter, Forget, Forgotten, Ingested, LogFilter, MetricFilter, Page, Severity,
    StatusFilter,
};
pub use options::{Access, Limit, Options, Retention};
pub use prepare::{redact_logs, redact_metrics, redact_traces};
pub use store::{Exported, Store};
