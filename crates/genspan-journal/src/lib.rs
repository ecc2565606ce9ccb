//! Remembers runs of agents in a SQLite file, so that they can be ended after their process is gone.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//!
//! use genspan::{LiveRoots, Telemetry};
//! use genspan_journal::SqliteJournal;
//!
//! # fn of(telemetry: &Telemetry) -> Result<(), genspan::JournalError> {
//! let journal = SqliteJournal::open("runs.db")?;
//! let roots = LiveRoots::builder().with_journal(Arc::new(journal)).build(telemetry);
//! // What processes that were killed left open for an hour ends now, as abandoned.
//! roots.recover(telemetry, Duration::from_secs(3600));
//! # Ok(())
//! # }
//! ```
//!
//! Any number of processes of one machine share a file. A run is in it from its beginning, and who ends it is
//! decided there, in one transaction, so that it ends once. What is kept of a run is what its span is made
//! from again: ids, times, names and attributes, no prompts and no answers, recognised secrets replaced.
//!
//! # Limits
//!
//! A run is safe in the file when the call returns, whatever becomes of the process; a machine that loses power
//! may forget the last ones. Runs that have ended are remembered for seven days, so that their keys cannot come to
//! life again. A span that ended while its process was killed before it was delivered is lost, as any is.

mod columns;
mod migrations;
mod sqlite;

pub use sqlite::SqliteJournal;
