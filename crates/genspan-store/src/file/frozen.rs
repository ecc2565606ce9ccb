//! Files on disks that nobody can write.
//!
//! SQLite keeps notes beside a file even while it is only read, and says no more than that it cannot open it where it may
//! not make them.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, OpenFlags};

use crate::Access;

/// Says why nothing can be written beside a file; `None` where something can.
///
/// Who only reads makes nothing to find that out.
pub(super) fn refusal(path: &Path, access: Access) -> Option<String> {
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match access {
        Access::ReadOnly => (!is_log_empty(&place)).then(|| {
            "its write-ahead log holds something, and is read only where files can be made beside it"
                .to_owned()
        }),
        Access::ReadWrite => {
            let probe = beside(&place, "-probe");
            let made = OpenOptions::new().write(true).create_new(true).open(&probe);
            match made {
                Ok(_) => {
                    // It is empty; where it stays, the next one takes it for a sign that all is well.
                    drop(fs::remove_file(&probe));
                    None
                }
                Err(error) => is_refusal(&error).then(|| error.to_string()),
            }
        }
    }
}

/// Tells whether an error means that something is only to be read.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    )
}

/// Says what a file was like when it was read without notes beside it, so that it is seen whether others wrote it meanwhile.
///
/// Who writes it first fills the log, then the file, and only then empties the log: there is no moment without a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    bytes: u64,
    changed: Option<SystemTime>,
}

impl State {
    /// Reads it; `None` where there is more than the file itself to read.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let place = path.canonicalize().ok()?;
        let file = fs::metadata(&place).ok()?;
        is_log_empty(&place).then_some(Self {
            bytes: file.len(),
            changed: file.modified().ok(),
        })
    }
}

fn is_log_empty(place: &Path) -> bool {
    match fs::metadata(beside(place, "-wal")) {
        Ok(log) => log.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Opens a file that nothing changes, without notes beside it; `None` where its path is none that SQLite takes so.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Option<Connection>> {
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

    #[cfg(unix)]
    #[test]
    fn a_log_is_looked_for_where_a_link_leads() {
        let name = format!("genspan-frozen-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(folder.join("real")).unwrap();
        let (real, link) = (folder.join("real").join("a.db"), folder.join("b.db"));
        fs::write(&real, "one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let before = State::of(&link);
        assert!(before.is_some() && before == State::of(&real));
        // Who only reads leaves no trace, and says what is in the way.
        assert_eq!(refusal(&link, Access::ReadOnly), None);
        assert_eq!(fs::read_dir(folder.join("real")).unwrap().count(), 1);
        fs::write(beside(&real, "-wal"), "more").unwrap();
        assert_eq!(State::of(&link), None);
        assert!(refusal(&link, Access::ReadOnly).is_some());
        fs::write(beside(&real, "-wal"), "").unwrap();
        fs::write(&real, "three").unwrap();
        assert!(State::of(&link).is_some_and(|after| Some(after) != before));
        fs::remove_dir_all(&folder).unwrap();
    }
}
