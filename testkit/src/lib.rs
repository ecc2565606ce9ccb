//! Scripted provider, deterministic clock and ids, and in-memory capture for genspan's tests and demo.

#[cfg(feature = "braintrust")]
pub mod braintrust;
pub mod capture;
pub mod clock;
pub mod collector;
pub mod conventions;
pub mod event_stream;
pub mod example;
pub mod journal;
#[cfg(feature = "tracing")]
pub mod listening;
pub mod provider;
pub mod recordings;
pub mod sigv4;
pub mod suite;
pub mod tree;

pub use capture::{CaptureSink, CapturedSpan};
pub use clock::ManualClock;
pub use journal::MemoryJournal;
#[cfg(feature = "tracing")]
pub use listening::listen;
pub use tree::tree;
