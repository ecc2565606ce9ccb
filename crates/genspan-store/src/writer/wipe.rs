//! Leaves no byte of what was taken out, at the cost of reading the file once.
//!
//! Rows that are deleted are overwritten by SQLite, their words are merged out of the index, and where rows were moved away
//! from is overwritten here, some of the file at a time. The file itself becomes smaller when that is worth it; until then
//! its free room is used again.

mod log;
mod pages;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

pub(super) use log::{checkpoint, make_room};
use rusqlite::Connection;

use super::pending;
use crate::{
    content::Damage,
    file::{self, Fault, Handle},
    shelves,
};

/// How often it is tried again where others wrote or forgot meanwhile.
const TRIES: u32 = 8;

/// Bytes of the file that are read under one lock: even a slow disk gives them in a second.
const SLICE: u64 = 64 << 20;

/// How long the lock is left to others in between. Who waits for it looks at least that often.
const REST: Duration = Duration::from_millis(100);

/// Pages at the end of the file that move into free room at once.
const MOVED: u32 = 2_048;

/// Pages that are written anew in less than a second.
const FEW: u64 = 8_192;

/// Pages of the index that are merged at once, twice under one lock.
const MERGED: i32 = 1_000;

/// How often a part of the index is merged so, until it is merged at once, however long that takes: where others
/// write into it, merging begins anew.
const MERGES: u32 = 200;

/// Wipes a file.
#[derive(Debug)]
pub(super) struct Wiper {
    /// Where the file really is: what SQLite keeps beside it is not beside a link to it.
    path: PathBuf,
    handle: Arc<Handle>,
    /// Bytes that are read under one lock.
    slice: u64,
}

/// Says what became of a slice of the file.
enum Slice {
    /// What follows begins here.
    Next(u64),
    /// It was the last one, or others have wiped the file meanwhile.
    Last,
    /// Others wrote after the log was emptied.
    Written,
    /// Others forgot something since it was begun.
    Outdated,
}

impl Wiper {
    pub(super) const fn new(path: PathBuf, handle: Arc<Handle>) -> Self {
        Self {
            path,
            handle,
            slice: SLICE,
        }
    }

    /// Wipes what is noted and due, in microseconds since the Unix epoch, whoever noted it.
    pub(super) fn finish(&self, connection: &mut Connection, until: i64) -> Result<(), Fault> {
        match pending::read(connection)? {
            Some(pending) if pending.due <= until => self.wipe(connection),
            _ => Ok(()),
        }
    }

    /// Overwrites all that stands in the file and in none of its rows.
    fn wipe(&self, connection: &mut Connection) -> Result<(), Fault> {
        for _ in 0..TRIES {
            // It is read before anything else is done: what is forgotten from here on raises it, and then all is done again.
            let Some(pending) = pending::read(connection)? else {
                return Ok(());
            };
            mend(connection)?;
            renew(connection)?;
            if self.pass(pending.number)? {
                return give_back(connection);
            }
        }
        Err(Fault::Busy("others forget all the time".to_owned()))
    }

    /// Goes through the whole file; `false` where others forgot something meanwhile.
    fn pass(&self, number: i64) -> Result<bool, Fault> {
        let (mut at, mut tries, mut broken) = (0, 0, None);
        loop {
            let mut own = file::cleaner(&self.path)?;
            // Nothing stands between this and the lock, so that others hardly come in between.
            checkpoint(&mut own)?;
            match self.slice(&mut own, number, at, &mut broken)? {
                Slice::Next(next) => (at, tries) = (next, 0),
                Slice::Written if tries < TRIES => tries += 1,
                Slice::Written => {
                    return Err(Fault::Busy("others write all the time".to_owned()));
                }
                Slice::Outdated => return Ok(false),
                Slice::Last => return Ok(true),
            }
            thread::sleep(REST);
        }
    }

    /// Overwrites what stands in a slice of the file where no row is.
    ///
    /// While the lock to write is held and the log is empty, nobody writes: neither a page, nor the log, nor pages from there
    /// into the file, since there are none. That is made so for each slice. In between others write whole pages, but carry
    /// nothing that is to be overwritten into a slice that is done: rows that they move leave behind what belongs to rows
    /// which are there, and who moves whole pages, or takes something out, raises the number, so that all begins anew.
    ///
    /// Each slice has a connection of its own, which knows no page with rows from before, and commits something: whoever
    /// writes next, the store's own writer too, finds that another one has written, and reads all pages again.
    fn slice(
        &self,
        own: &mut Connection,
        number: i64,
        at: u64,
        broken: &mut Option<u64>,
    ) -> Result<Slice, Fault> {
        let transaction = super::thread::begin(own)?;
        match pending::read(&transaction)? {
            // Who finished it began after what was forgotten here, since the number was seen to be the same or higher.
            None => return Ok(Slice::Last),
            Some(now) if now.number != number => return Ok(Slice::Outdated),
            Some(_) => {}
        }
        if log::len(&self.path)? > 0 {
            return Ok(Slice::Written);
        }
        let mut next = None;
        if pages::is_known(pragma(&transaction, "page_count")?) {
            let done = pages::blank(&*self.handle.file(&self.path)?, at, self.slice)?;
            *broken = broken.or(done.broken);
            next = done.next;
        }
        // What is written and taken back counts as written; what is set to what it was does not.
        transaction.execute_batch(
            "INSERT INTO chore (name) VALUES ('slice'); DELETE FROM chore WHERE name = 'slice';",
        )?;
        if next.is_none() && broken.is_none() {
            pending::clear(&transaction)?;
            // Nothing is left to be carried elsewhere.
            vacuum(&transaction)?;
        }
        transaction.commit()?;
        match (next, *broken) {
            (Some(next), _) => Ok(Slice::Next(next)),
            (None, None) => Ok(Slice::Last),
            (None, Some(page)) => Err(Fault::Damage(Damage(format!(
                "page {page} does not read, so what was forgotten may be left in it"
            )))),
        }
    }
}

/// Merges out of the index what was taken out of it, a part after the other.
pub(super) fn mend(connection: &mut Connection) -> Result<(), Fault> {
    for shelf in shelves::worn(connection)? {
        for merge in 0.. {
            let transaction = super::thread::begin(connection)?;
            let pages = (merge < MERGES).then_some(MERGED);
            let is_mended = shelves::mend(&transaction, shelf, pages)?;
            transaction.commit()?;
            if is_mended {
                break;
            }
            thread::sleep(REST);
        }
    }
    Ok(())
}

/// Makes a new file of one that is half empty, where little is left, and of one that is too large for the rest.
fn renew(connection: &Connection) -> Result<(), Fault> {
    let pages = pragma(connection, "page_count")?;
    let free = pragma(connection, "freelist_count")?;
    let is_hollow = free > pages / 2 && pages - free <= FEW;
    if is_hollow || !pages::is_known(pages) {
        connection.execute_batch("VACUUM")?;
    }
    Ok(())
}

/// Makes a file that is half empty smaller, while nothing in it is to be overwritten.
fn give_back(connection: &mut Connection) -> Result<(), Fault> {
    if pragma(connection, "freelist_count")? <= pragma(connection, "page_count")? / 2 {
        return Ok(());
    }
    loop {
        let transaction = super::thread::begin(connection)?;
        let free = pragma(&transaction, "freelist_count")?;
        let is_over = free <= pragma(&transaction, "page_count")? / 4;
        if is_over || pending::read(&transaction)?.is_some() || vacuum(&transaction)? == 0 {
            return Ok(());
        }
        transaction.commit()?;
        log::copy(connection)?;
        thread::sleep(REST);
    }
}

/// Moves pages from the end of the file into free room, within a transaction, and cuts the end off; gives how many.
fn vacuum(transaction: &Connection) -> Result<u32, Fault> {
    // Each step is one page.
    let mut statement = transaction.prepare(&format!("PRAGMA incremental_vacuum({MOVED})"))?;
    let mut rows = statement.query([])?;
    let mut moved = 0;
    while rows.next()?.is_some() {
        moved += 1;
    }
    Ok(moved)
}

fn pragma(connection: &Connection, pragma: &str) -> Result<u64, Fault> {
    let number: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
    Ok(number.unsigned_abs())
}
