//! One process's part of a destination's directory.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::private;

/// Bounds how many processes may keep batches for one destination at the same time.
const SLOTS: usize = 32;

const LOCK: &str = "lock";

/// The name under which a batch is written before it is whole.
const UNFINISHED: &str = "unfinished";

/// Holds a locked directory; the lock goes with the process.
#[derive(Debug)]
pub(super) struct Slot {
    path: PathBuf,
    _lock: File,
}

impl Slot {
    /// Locks the first slot that no process uses.
    pub(super) fn lock_free_one(directory: &Path) -> io::Result<Self> {
        for number in 0..SLOTS {
            let path = directory.join(number.to_string());
            private::directory(&path)?;
            if let Some(slot) = Self::lock(path)? {
                return Ok(slot);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            format!("{SLOTS} processes use {}", directory.display()),
        ))
    }

    /// Locks all other slots that processes left behind.
    pub(super) fn lock_orphans(&self, directory: &Path) -> Vec<Self> {
        (0..SLOTS)
            .map(|number| directory.join(number.to_string()))
            .filter(|path| *path != self.path && path.is_dir())
            .filter_map(|path| Self::lock(path).ok().flatten())
            .collect()
    }

    fn lock(path: PathBuf) -> io::Result<Option<Self>> {
        let lock = private::append(&path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path, _lock: lock })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file so that it is there as a whole or not at all.
    pub(super) fn write(&self, name: &str, body: &[u8]) -> io::Result<()> {
        let unfinished = self.path.join(UNFINISHED);
        let written = private::create(&unfinished).and_then(|mut file| {
            file.write_all(body)?;
            file.sync_data()?;
            fs::rename(&unfinished, self.path.join(name))
        });
        if written.is_err() {
            drop(fs::remove_file(&unfinished));
        }
        written
    }
}
