//! The file: made private, opened, and what it says when it cannot be used.

mod frozen;
mod handle;

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

pub(crate) use frozen::{State, beside, is_refusal};
pub(crate) use handle::Handle;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::{Access, Error, content::Damage};

/// How long a connection waits for other processes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of a page; content fills larger ones better.
const PAGE: i64 = 8192;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 160;

/// Makes the folder and the file for their owner alone, before SQLite makes them for everybody.
///
/// A folder that is there keeps its permissions, since it may hold other things; a file does not.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => narrow(path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn narrow(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn narrow(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a connection that writes next to the one that does everything else, and changes nothing by that alone.
pub(crate) fn cleaner(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // What is acknowledged survives a loss of power, too.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}

/// Opens the connection that writes.
pub(crate) fn writer(path: &Path, max_bytes: Option<u64>) -> rusqlite::Result<Connection> {
    let connection = cleaner(path)?;
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "cache_size", -64_000)?;
    limit(&connection, max_bytes)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Bounds the pages of the file; `None` lifts the bound.
pub(crate) fn limit(connection: &Connection, max_bytes: Option<u64>) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = match max_bytes {
        Some(bytes) => i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1),
        None => i64::from(u32::MAX - 1),
    };
    // The pragma answers with the bound that holds now.
    connection.query_row(
        &format!("PRAGMA max_page_count = {}", pages.max(1)),
        [],
        |_| Ok(()),
    )
}

/// Gives the place where a connection's file really is, whatever links lead there.
pub(crate) fn place(connection: &Connection, path: &Path) -> PathBuf {
    match connection.path() {
        Some(place) if !place.is_empty() => PathBuf::from(place),
        // It is no UTF-8.
        _ => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    }
}

/// Opens a connection that reads. What it is told of is right as long as the file's [state](State) is the one given with it;
/// where there is none, always.
pub(crate) fn reader(path: &Path, access: Access) -> rusqlite::Result<(Connection, Option<State>)> {
    let way = match access {
        Access::ReadWrite => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let flags = way | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    if access == Access::ReadOnly
        && let Err(error) = is_there(&connection)
    {
        let place = place(&connection, path);
        if is_closed_off(&error)
            && let Some(state) = State::of(&place)
            && let Some(frozen) = frozen::reader(&place)?
        {
            return Ok((prepared(frozen)?, Some(state)));
        }
        return Err(error);
    }
    Ok((prepared(connection)?, None))
}

/// Reads something of the file.
fn is_there(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn is_closed_off(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::CannotOpen)
}

fn prepared(connection: Connection) -> rusqlite::Result<Connection> {
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Holds what went wrong with the file.
#[derive(Debug)]
pub(crate) enum Fault {
    Sqlite(rusqlite::Error),
    Damage(Damage),
    /// Others are at work, for longer than can be waited for.
    Busy(String),
    /// What was done to the file besides SQLite.
    Io(String),
}

impl Fault {
    pub(crate) const fn of(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }

    /// Says what that means to whoever may write the file.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        self.told(path, Access::ReadWrite)
    }

    /// Says what that means to whoever asked.
    pub(crate) fn told(self, path: &Path, access: Access) -> Error {
        let error = match self {
            Self::Damage(damage) => return damage.into_error(path),
            Self::Busy(what) => return Error::Busy { what },
            Self::Io(what) => {
                let path = path.to_owned();
                return Error::Io { path, what };
            }
            Self::Sqlite(error) => error,
        };
        let what = error.to_string();
        let path = path.to_owned();
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Error::Full { what },
            // No room for the index of the write-ahead log.
            _ if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => Error::Full { what },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Error::ReadOnly { path, what }
            }
            Some(ErrorCode::CannotOpen) if path.exists() => match frozen::refusal(&path, access) {
                Some(what) => Error::ReadOnly { path, what },
                None => Error::Io { path, what },
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { what },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Error::Corrupt { path, what }
            }
            _ => Error::Io { path, what },
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}
