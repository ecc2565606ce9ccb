//! The files that an import reads and writes.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use genspan_otlp::Endpoint;

/// Says why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{path} cannot be read")]
    Unreadable { path: String, source: io::Error },
    #[error("{0} is a directory; name the files in it")]
    Directory(String),
    #[error("{path} cannot be written")]
    Unwritable { path: String, source: io::Error },
    #[error("{0} is read and cannot be written at the same time; name another file with `--to`")]
    Both(String),
}

/// Tells the name that means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Adds up the bytes of all files, so that a missing one is known before anything is done.
pub(super) fn size_of_all(files: &[PathBuf]) -> Result<u64, FileError> {
    let mut size = 0;
    for path in files.iter().filter(|path| !is_stdin(path)) {
        let name = || path.display().to_string();
        let metadata = fs::metadata(path).map_err(|source| FileError::Unreadable {
            path: name(),
            source,
        })?;
        if metadata.is_dir() {
            return Err(FileError::Directory(name()));
        }
        size += metadata.len();
    }
    Ok(size)
}

/// Empties the files that are written, since an import is to give the same bytes each time.
///
/// Pipes and devices are left alone.
pub(super) fn renew<'a>(
    destinations: impl Iterator<Item = &'a Endpoint>,
    sources: &[PathBuf],
) -> Result<(), FileError> {
    for destination in destinations {
        let Endpoint::File(path) = destination else {
            continue;
        };
        let Ok(known) = fs::canonicalize(path) else {
            continue;
        };
        let is_source =
            |source: &PathBuf| fs::canonicalize(source).is_ok_and(|source| source == known);
        if sources.iter().any(is_source) {
            return Err(FileError::Both(path.display().to_string()));
        }
        let unwritable = |source| FileError::Unwritable {
            path: path.display().to_string(),
            source,
        };
        if fs::metadata(path).map_err(unwritable)?.is_file() {
            OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(path)
                .map_err(unwritable)?;
        }
    }
    Ok(())
}
