//! Why a file of prices cannot be used.

use std::io;

/// Says why a file of prices cannot be used, and what is expected instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// The file cannot be read.
    #[error("{file} cannot be read")]
    Unreadable {
        /// The file's name.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// The text is no TOML.
    #[error("{file}:{line}: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A value is not what its key asks for.
    #[error("{file}:{line}: {key} = {value}: expected {expected}")]
    Value {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The value as it is written, in part where it is long.
        value: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A key means nothing where it stands.
    #[error("{file}:{line}: {key} means nothing here: expected {expected}")]
    UnknownKey {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The keys that may stand there.
        expected: &'static str,
    },
    /// A key that must be there is not.
    #[error("{file}:{line}: {key} is missing: expected {expected}")]
    MissingKey {
        /// The file's name.
        file: String,
        /// The line where it should be, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
}
