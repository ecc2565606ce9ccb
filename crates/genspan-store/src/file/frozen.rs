//! Files on disks that nobody can write.
//!
//! SQLite keeps notes beside a file even while it is only read, and says no more than that it cannot open it where it may
//! not make them.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

/// Says why nothing can be written beside a file; `None` where something can.
pub(super) fn refusal(path: &Path) -> Option<io::Error> {
    let probe = beside(path, "-probe");
    let made = OpenOptions::new().write(true).create_new(true).open(&probe);
    match made {
        Ok(_) => {
            // It is empty; where it stays, the next one takes it for a sign that all is well.
            drop(fs::remove_file(&probe));
            None
        }
        Err(error) => is_refusal(&error).then_some(error),
    }
}

/// Tells whether an error means that something is only to be read.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    )
}

/// Opens a file that nothing changes, without notes beside it; `None` where there is more than the file itself to read.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let log = fs::metadata(beside(path, "-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        return Ok(None);
    }
    let Some(path) = path.to_str() else {
        return Ok(None);
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(path), flags).map(Some)
}

fn uri(path: &str) -> String {
    let path = path
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{path}?immutable=1")
}

/// Names a file that SQLite keeps beside a store.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_of_a_path_is_taken_for_more() {
        assert_eq!(uri("/a b/50%?#.db"), "file:/a b/50%25%3f%23.db?immutable=1");
    }
}
