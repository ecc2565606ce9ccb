//! Scripted provider, deterministic clock and ids, and in-memory capture for genspan's tests and demo.

#[cfg(feature = "braintrust")]
pub mod braintrust;
pub mod capture;
pub mod clock;
pub mod collector;
pub mod event_stream;
pub mod journal;
pub mod provider;
pub mod sigv4;
pub mod tree;

pub use capture::{CaptureSink, CapturedSpan};
pub use clock::ManualClock;
pub use journal::MemoryJournal;
pub use tree::tree;
