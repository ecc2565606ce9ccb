//! What can go wrong with a store.

use std::path::PathBuf;

/// Says why the store could not do what it was asked to.
///
/// Nothing that was acknowledged before is lost by any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk is full, or the file has reached its limit.
    #[error(
        "the store is full: {what}; free space on its disk, or `genspan forget --before DATE`, then send again"
    )]
    Full {
        /// What SQLite said.
        what: String,
    },
    /// The file, or the store as it was opened, cannot be written.
    #[error("the store cannot be written: {what}; make {} writable, or choose another with --store", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: String,
    },
    /// Too much waits to be written, or another process holds the file.
    #[error("the store is busy: {what}; try again in a moment")]
    Busy {
        /// What is waited for.
        what: String,
    },
    /// The file is damaged, or no store.
    #[error("{} is damaged or no store: {what}; move it away, and a new one is made", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A newer version of genspan made the file.
    #[error("{} has version {found}, and this genspan knows versions up to {known}; use the newer genspan, or another file with --store", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// What was asked for makes no sense.
    #[error("{what}")]
    Invalid {
        /// What was wrong, and what is expected.
        what: String,
    },
    /// The file could not be reached.
    #[error("{}: {what}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// The store was closed while it was asked.
    #[error("the store is closed; what it did not acknowledge is to be sent again to another")]
    Closed,
}

impl Error {
    /// Tells whether the same may succeed later, so that a sender should keep what it has and try again.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Busy { .. } | Self::Closed)
    }
}
