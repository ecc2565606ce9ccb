//! Leaves no byte of what was taken out, at the cost of reading the file once.
//!
//! Rows that are deleted are overwritten by SQLite, their words are merged out of the index, and where rows were moved away
//! from is overwritten here. The file itself becomes smaller when that is worth it; until then its free room is used again.

mod pages;

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    file::{self, Fault},
    shelves,
};

/// How often it is tried again where others wrote meanwhile.
const TRIES: u32 = 8;

/// How often it is looked for a gap between others that read the write-ahead log or empty it, and how long between.
const LOOKS: i32 = 20_000;
const PAUSE: Duration = Duration::from_micros(500);

/// Pages at the end of the file that move into free room each time.
const MOVED: u32 = 1_024;

/// Wipes a file.
#[derive(Debug)]
pub(super) struct Wiper {
    path: PathBuf,
    /// What is read and overwritten besides SQLite. It is never closed: on many systems that would take SQLite's own locks
    /// on the file away, from all of this process.
    file: Option<&'static File>,
}

impl Wiper {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Remembers, whoever is killed meanwhile, that there is something to wipe; `false` where that was known.
    pub(super) fn begin(connection: &Connection) -> Result<bool, Fault> {
        let added = connection.execute("INSERT OR IGNORE INTO chore (name) VALUES ('wipe')", [])?;
        Ok(added > 0)
    }

    /// Finishes what was begun by someone who was killed.
    pub(super) fn finish(&mut self, connection: &mut Connection) -> Result<(), Fault> {
        let is_begun = connection
            .prepare("SELECT 1 FROM chore WHERE name = 'wipe'")?
            .exists([])?;
        if is_begun {
            self.wipe(connection)
        } else {
            Ok(())
        }
    }

    /// Overwrites all that stands in the file and in none of its rows.
    pub(super) fn wipe(&mut self, connection: &mut Connection) -> Result<(), Fault> {
        loop {
            let transaction = super::thread::begin(connection)?;
            let is_mended = shelves::mend(&transaction)?;
            transaction.commit()?;
            if !is_mended {
                break;
            }
        }
        let pages = number(connection, "page_count")?;
        // Of a file that is too large for the rest, a new one is made.
        if number(connection, "freelist_count")? > pages / 2 || !pages::is_known(pages) {
            connection.execute_batch("VACUUM")?;
        } else {
            connection.execute_batch(&format!("PRAGMA incremental_vacuum({MOVED})"))?;
        }
        for _ in 0..TRIES {
            checkpoint(connection)?;
            if self.blank()? {
                return Ok(());
            }
        }
        Err(Fault::Busy("others write all the time".to_owned()))
    }

    /// Overwrites what stands in the file where no row is; `false` where others wrote after the log was emptied.
    ///
    /// This has a connection of its own, which knows no page from before: whoever writes next, the store's own writer too,
    /// finds that another one has written, and reads all pages again.
    fn blank(&mut self) -> Result<bool, Fault> {
        let mut connection = file::cleaner(&self.path)?;
        let transaction = super::thread::begin(&mut connection)?;
        // From here on nobody writes: neither pages, nor the log.
        if log_len(&self.path)? > 0 {
            return Ok(false);
        }
        if pages::is_known(number(&transaction, "page_count")?) {
            pages::blank(self.file()?)?;
        }
        transaction.execute("INSERT OR IGNORE INTO chore (name) VALUES ('wipe')", [])?;
        transaction.execute("DELETE FROM chore WHERE name = 'wipe'", [])?;
        transaction.commit()?;
        Ok(true)
    }

    fn file(&mut self) -> io::Result<&'static File> {
        if let Some(file) = self.file {
            return Ok(file);
        }
        let file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        Ok(*self.file.insert(Box::leak(Box::new(file))))
    }
}

fn number(connection: &Connection, pragma: &str) -> Result<u64, Fault> {
    let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
    Ok(number.unsigned_abs())
}

/// Gives the bytes of the write-ahead log.
fn log_len(path: &Path) -> io::Result<u64> {
    match fs::metadata(file::beside(path, "-wal")) {
        Ok(log) => Ok(log.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Empties the write-ahead log; readers at work are waited for, and whoever else empties it.
///
/// Readers that hardly pause leave short gaps, between which SQLite by itself looks ten times a second only.
pub(super) fn checkpoint(connection: &mut Connection) -> Result<(), Fault> {
    connection.busy_handler(Some(|tries| {
        thread::sleep(PAUSE);
        tries < LOOKS
    }))?;
    let emptied = empty(connection);
    connection.busy_timeout(file::PATIENCE)?;
    emptied
}

fn empty(connection: &Connection) -> Result<(), Fault> {
    for _ in 0..LOOKS {
        let (is_busy, frames): (bool, i64) =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if !is_busy {
            return Ok(());
        }
        // For another one that is at the same SQLite does not wait: then it has not looked into the log.
        if frames >= 0 {
            return Err(Fault::Busy("readers hold the write-ahead log".to_owned()));
        }
        thread::sleep(PAUSE);
    }
    Err(Fault::Busy("others empty the write-ahead log".to_owned()))
}
