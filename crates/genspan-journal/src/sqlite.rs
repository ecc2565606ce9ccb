//! The journal in a SQLite file.

use std::{
    fmt,
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use genspan::{Begun, Hold, Journal, JournalError, OpenRun, RootEntry, Taken, Timestamp};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::{
    columns::{COLUMNS, Stored, from_column, to_column},
    migrations::migrate,
};

/// Remembers runs in a SQLite file, which processes of one machine share.
pub struct SqliteJournal {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// Bounds how long a call waits for other processes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Says how long runs that have ended are remembered.
const MEMORY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl SqliteJournal {
    /// Opens the journal at a path, and makes it where there is none.
    ///
    /// A file that is made is for its owner alone. One that is there may hold other tables; its permissions stay.
    ///
    /// # Errors
    ///
    /// When there is no such folder, the file is no database, or a newer version of this crate made it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref();
        make_private(path).map_err(JournalError::new)?;
        let mut connection = Connection::open(path).map_err(JournalError::new)?;
        prepare(&connection).map_err(JournalError::new)?;
        migrate(&mut connection)?;
        Ok(Self {
            path: path.to_owned(),
            connection: Mutex::new(connection),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut off was rolled back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the file for its owner alone, before SQLite makes it for everybody.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What is written survives the process; only a loss of power costs the last of it.
    connection.pragma_update(None, "synchronous", "NORMAL")
}

impl Journal for SqliteJournal {
    fn begin(&self, run: &RootEntry, at: Timestamp) -> Result<Begun, JournalError> {
        let begin = || -> rusqlite::Result<Begun> {
            let mut connection = self.lock();
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let oldest = to_column(at).saturating_sub(nanos(MEMORY));
            transaction
                .prepare("DELETE FROM genspan_run WHERE ended IS NOT NULL AND ended < ?1")?
                .execute([oldest])?;
            let row = Stored::of(run);
            let inserted = transaction
                .prepare(&format!(
                    "INSERT INTO genspan_run ({COLUMNS}, held_since)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                     ON CONFLICT (key) DO NOTHING"
                ))?
                .execute(params![
                    row.key,
                    row.hold,
                    row.traceparent,
                    row.tracestate,
                    row.parent,
                    row.parent_state,
                    row.started,
                    row.agent_name,
                    row.provider,
                    row.model,
                    row.conversation_id,
                    row.attributes,
                    to_column(at),
                ])?;
            transaction.commit()?;
            Ok(if inserted == 1 {
                Begun::Held(hold(row.hold))
            } else {
                Begun::Known
            })
        };
        begin().map_err(JournalError::new)
    }

    fn take(&self, key: &str, at: Timestamp) -> Result<Taken, JournalError> {
        let take = || -> rusqlite::Result<Result<Stored, Taken>> {
            let connection = self.lock();
            let taken = connection
                .prepare(&format!(
                    "UPDATE genspan_run SET hold = hold + 1, held_since = ?2
                     WHERE key = ?1 AND ended IS NULL RETURNING {COLUMNS}"
                ))?
                .query_row(params![key, to_column(at)], Stored::from_row)
                .optional()?;
            if let Some(taken) = taken {
                return Ok(Ok(taken));
            }
            let is_known = connection
                .prepare("SELECT 1 FROM genspan_run WHERE key = ?1")?
                .exists([key])?;
            Ok(Err(if is_known {
                Taken::Ended
            } else {
                Taken::Unknown
            }))
        };
        match take().map_err(JournalError::new)? {
            Ok(run) => {
                let hold = hold(run.hold);
                Ok(Taken::Held(hold, Box::new(run.into_entry()?)))
            }
            Err(not) => Ok(not),
        }
    }

    fn end(
        &self,
        key: &str,
        hold: Hold,
        outcome: &str,
        at: Timestamp,
    ) -> Result<bool, JournalError> {
        let end = || -> rusqlite::Result<bool> {
            let connection = self.lock();
            let mut statement = connection.prepare(
                "UPDATE genspan_run SET ended = ?3, outcome = ?4
                 WHERE key = ?1 AND hold = ?2 AND ended IS NULL",
            )?;
            let hold = i64::try_from(hold.0).unwrap_or(i64::MAX);
            Ok(statement.execute(params![key, hold, to_column(at), outcome])? == 1)
        };
        end().map_err(JournalError::new)
    }

    fn bury(&self, key: &str, outcome: &str, at: Timestamp) -> Result<bool, JournalError> {
        let bury = || -> rusqlite::Result<bool> {
            let connection = self.lock();
            let mut statement = connection.prepare(
                "INSERT INTO genspan_run (key, hold, held_since, ended, outcome, traceparent, tracestate, started, attributes)
                 VALUES (?1, 0, ?2, ?2, ?3, '', '', ?2, '{}') ON CONFLICT (key) DO NOTHING",
            )?;
            Ok(statement.execute(params![key, to_column(at), outcome])? == 1)
        };
        bury().map_err(JournalError::new)
    }

    fn open(&self) -> Result<Vec<OpenRun>, JournalError> {
        let open = || -> rusqlite::Result<Vec<OpenRun>> {
            let connection = self.lock();
            let mut statement = connection.prepare(
                "SELECT key, held_since FROM genspan_run WHERE ended IS NULL ORDER BY held_since, key",
            )?;
            let runs = statement.query_map([], |row| {
                Ok(OpenRun {
                    key: row.get(0)?,
                    held_since: from_column(row.get(1)?),
                })
            })?;
            runs.collect()
        };
        open().map_err(JournalError::new)
    }
}

fn hold(column: i64) -> Hold {
    Hold(u64::try_from(column).unwrap_or_default())
}

fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
