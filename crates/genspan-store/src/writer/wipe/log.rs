//! The write-ahead log, copied into the file and emptied.

use std::{fs, io, path::Path, thread, time::Duration};

use rusqlite::Connection;

use super::REST;
use crate::file::{self, Fault};

/// How often it is looked for a gap between others that read the log, and how long between. Nobody writes meanwhile.
const LOOKS: i32 = 800;
const PAUSE: Duration = Duration::from_micros(500);

/// For how many rests others are waited for; where it was looked for a gap as well, it counts as more.
const PATIENCE: u32 = 100;
const LOOKED: u32 = 5;

/// Gives the bytes of the log beside a file.
pub(super) fn len(path: &Path) -> io::Result<u64> {
    match fs::metadata(file::beside(path, "-wal")) {
        Ok(log) => Ok(log.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Empties the log; readers at work are waited for, and whoever else empties it, but others may write all the while.
///
/// Readers that hardly pause leave short gaps, between which SQLite by itself looks ten times a second only.
pub(in crate::writer) fn checkpoint(connection: &mut Connection) -> Result<(), Fault> {
    let mut patience = PATIENCE;
    loop {
        copy(connection)?;
        let cost = match empty(connection, LOOKS)? {
            Emptied::Yes => return Ok(()),
            Emptied::Read => LOOKED,
            Emptied::Elsewhere => 1,
        };
        patience = patience.saturating_sub(cost);
        if patience == 0 {
            let what = "readers hold the write-ahead log, or others empty it";
            return Err(Fault::Busy(what.to_owned()));
        }
        thread::sleep(REST);
    }
}

/// Makes the room usable that the log has on a full disk, without waiting for anybody; `is_first` gives it back as well.
pub(in crate::writer) fn make_room(
    connection: &mut Connection,
    is_first: bool,
) -> Result<(), Fault> {
    // What was copied is written over.
    copy(connection)?;
    if is_first {
        empty(connection, 0)?;
    }
    Ok(())
}

/// Copies into the file what readers let be copied, and waits for nobody.
pub(super) fn copy(connection: &Connection) -> Result<(), Fault> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Says whether the log was emptied.
enum Emptied {
    Yes,
    /// Somebody reads it, or writes.
    Read,
    /// Another one is at the same, for which SQLite does not wait.
    Elsewhere,
}

fn empty(connection: &mut Connection, looks: i32) -> Result<Emptied, Fault> {
    connection.busy_handler(Some(match looks {
        0 => |_| false,
        _ => |tries| {
            thread::sleep(PAUSE);
            tries < LOOKS
        },
    }))?;
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        let (is_busy, frames): (bool, i64) = (row.get(0)?, row.get(1)?);
        Ok(match frames {
            _ if !is_busy => Emptied::Yes,
            0.. => Emptied::Read,
            _ => Emptied::Elsewhere,
        })
    });
    connection.busy_timeout(file::PATIENCE)?;
    Ok(emptied?)
}
