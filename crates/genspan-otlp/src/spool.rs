//! Where batches wait while their destination is away.
//!
//! On disk each batch is one private file of protobuf in the destination's directory, named by order,
//! signal and count. A file appears by an atomic rename after it was synced, and goes once its batch is
//! settled. Over the bound the *newest* batch is dropped: what was reported as kept stays kept. A process
//! locks the slot of the directory that it uses and takes over what unlocked slots hold, so no two
//! processes send the same file; a process killed between an acknowledgement and the removal of the
//! file sends that batch twice.

mod slot;

use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
};

use self::slot::Slot;
use crate::{Signal, batch::Batch, request::Request};

/// Holds batches, oldest first.
#[derive(Debug)]
pub(crate) struct Spool {
    place: Place,
    entries: VecDeque<Entry>,
    bytes: u64,
    limit: u64,
    next: u64,
}

#[derive(Debug)]
enum Place {
    /// In memory, and why not on disk if it should be.
    Memory(Option<io::Error>),
    /// On disk, once there is something to keep.
    Later(PathBuf),
    /// On disk.
    Disk(Slot),
}

#[derive(Clone, Debug)]
struct Entry {
    order: u64,
    signal: Signal,
    count: u64,
    bytes: u64,
    /// The batch itself where it waits in memory.
    body: Option<Vec<u8>>,
}

/// Says why a batch was not taken.
#[derive(Debug)]
pub(crate) enum SpoolError {
    Full,
    Io(io::Error),
}

impl Entry {
    fn file_name(&self) -> String {
        format!(
            "{:016}-{}-{}.pb",
            self.order,
            self.signal.as_str(),
            self.count
        )
    }

    fn from_file_name(name: &str, bytes: u64) -> Option<Self> {
        let mut parts = name.strip_suffix(".pb")?.split('-');
        let order = parts.next()?.parse().ok()?;
        let signal = Signal::from_word(parts.next()?)?;
        let count = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some(Self {
            order,
            signal,
            count,
            bytes,
            body: None,
        })
    }
}

impl Spool {
    /// Waits in memory; what is left at the end is lost.
    pub(crate) const fn in_memory(limit: u64) -> Self {
        Self {
            place: Place::Memory(None),
            entries: VecDeque::new(),
            bytes: 0,
            limit,
            next: 0,
        }
    }

    /// Waits in a directory on disk, and finds what earlier processes left there.
    ///
    /// Where that cannot be, batches wait in memory. The directory is made when it is needed first.
    pub(crate) fn on_disk(directory: PathBuf, limit: u64) -> Self {
        let mut spool = Self::in_memory(limit);
        if directory.is_dir() {
            spool.open(&directory);
        } else {
            spool.place = Place::Later(directory);
        }
        spool
    }

    fn open(&mut self, directory: &Path) {
        self.place = match self.take_over(directory) {
            Ok(slot) => Place::Disk(slot),
            Err(error) => Place::Memory(Some(error)),
        };
    }

    fn take_over(&mut self, directory: &Path) -> io::Result<Slot> {
        let slot = Slot::lock_free_one(directory)?;
        let mut found: VecDeque<Entry> = entries(slot.path())?.into();
        let mut next = found.back().map_or(0, |entry| entry.order + 1);
        for orphan in slot.lock_orphans(directory) {
            for mut entry in entries(orphan.path())? {
                let from = orphan.path().join(entry.file_name());
                entry.order = next;
                if fs::rename(from, slot.path().join(entry.file_name())).is_ok() {
                    next += 1;
                    found.push_back(entry);
                }
            }
        }
        self.bytes = found.iter().map(|entry| entry.bytes).sum();
        self.entries = found;
        self.next = next;
        Ok(slot)
    }

    /// Gives the directory that holds the batches, if one does.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(slot) => Some(slot.path()),
            Place::Memory(_) | Place::Later(_) => None,
        }
    }

    /// Tells why batches wait in memory though they should not.
    pub(crate) const fn trouble(&self) -> Option<&io::Error> {
        match &self.place {
            Place::Memory(trouble) => trouble.as_ref(),
            Place::Later(_) | Place::Disk(_) => None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Lists signal and count of all batches.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Signal, u64)> {
        self.entries.iter().map(|entry| (entry.signal, entry.count))
    }

    /// Puts a batch behind all others.
    pub(crate) fn append(&mut self, batch: &Batch) -> Result<(), SpoolError> {
        if let Place::Later(directory) = &self.place {
            let directory = directory.clone();
            self.open(&directory);
        }
        let body = batch.encode_for_spool();
        if self.bytes.saturating_add(length(&body)) > self.limit {
            return Err(SpoolError::Full);
        }
        let entry = self.store(self.next, batch, body).map_err(SpoolError::Io)?;
        self.next += 1;
        self.bytes += entry.bytes;
        self.entries.push_back(entry);
        Ok(())
    }

    /// Reads the oldest batch; an error says how many items of which signal cannot be read.
    pub(crate) fn oldest(&self) -> Option<Result<Batch, (Signal, u64)>> {
        let entry = self.entries.front()?;
        let read = match (&entry.body, self.path()) {
            (Some(body), _) => Request::decode(entry.signal, body).ok(),
            (None, Some(path)) => fs::read(path.join(entry.file_name()))
                .ok()
                .and_then(|body| Request::decode(entry.signal, &body).ok()),
            (None, None) => None,
        };
        let lost = (entry.signal, entry.count);
        Some(
            read.map(|request| Batch::new(request, entry.count))
                .ok_or(lost),
        )
    }

    /// Forgets the oldest batch.
    pub(crate) fn remove_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.bytes -= entry.bytes;
            if let Some(path) = self.path() {
                // A file that cannot be removed is sent again by the next process; there is nothing better.
                drop(fs::remove_file(path.join(entry.file_name())));
            }
        }
    }

    /// Leaves only what is left of the oldest batch, in its place.
    pub(crate) fn replace_oldest(&mut self, rest: &Batch) -> io::Result<()> {
        let Some(order) = self.entries.front().map(|entry| entry.order) else {
            return Ok(());
        };
        let body = rest.encode_for_spool();
        let entry = self.store(order, rest, body)?;
        let new_name = entry.file_name();
        let bytes = entry.bytes;
        if let Some(old) = self
            .entries
            .front_mut()
            .map(|oldest| std::mem::replace(oldest, entry))
        {
            self.bytes = self.bytes.saturating_sub(old.bytes) + bytes;
            if let Some(path) = self.path().filter(|_| old.file_name() != new_name) {
                drop(fs::remove_file(path.join(old.file_name())));
            }
        }
        Ok(())
    }

    fn store(&self, order: u64, batch: &Batch, body: Vec<u8>) -> io::Result<Entry> {
        let mut entry = Entry {
            order,
            signal: batch.signal(),
            count: batch.count(),
            bytes: length(&body),
            body: None,
        };
        match &self.place {
            Place::Disk(slot) => slot.write(&entry.file_name(), &body)?,
            Place::Memory(_) | Place::Later(_) => entry.body = Some(body),
        }
        Ok(entry)
    }
}

fn length(body: &[u8]) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

/// Lists the batches in a directory by order; files of other names are not ours and left alone.
fn entries(directory: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(directory)? {
        let file = file?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        entries.extend(
            file.file_name()
                .to_str()
                .and_then(|name| Entry::from_file_name(name, bytes)),
        );
    }
    entries.sort_by_key(|entry: &Entry| entry.order);
    Ok(entries)
}

#[cfg(test)]
mod tests;
