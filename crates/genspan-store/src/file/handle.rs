//! The one handle by which this process reads and overwrites a file besides SQLite.
//!
//! POSIX takes all locks that a process has on a file away as soon as it closes any handle on it, those of SQLite's
//! connections too. So all stores of this process that have a file open share one, which is closed after the last of them is.
//! Connections on the same file that the program itself has opened with SQLite are not known here: they are to be closed
//! before the last store is.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The files that stores of this process have open. Locks belong to processes, which is why this does, too.
static OPEN: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// Holds what is known of a file that is open.
#[derive(Debug)]
struct Entry {
    identity: Identity,
    stores: usize,
    /// Opened once it is needed.
    file: Option<Arc<File>>,
}

/// Says which file it is, whatever stands at its path later. Where that is not to be known, what is open is not replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    numbers: (u64, u64),
    #[cfg(not(unix))]
    path: std::path::PathBuf,
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = path.metadata()?;
        let numbers = (found.dev(), found.ino());
        Ok(Self { numbers })
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        Ok(Self { path })
    }
}

/// Counts a store that has a file open; to be dropped after all of its connections.
#[derive(Debug)]
pub(crate) struct Handle(Identity);

impl Handle {
    /// Counts one more store; to be called before it opens its first connection.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let mut open = lock();
        let identity = Identity::of(path)?;
        match open.iter_mut().find(|entry| entry.identity == identity) {
            Some(entry) => entry.stores += 1,
            None => open.push(Entry {
                identity: identity.clone(),
                stores: 1,
                file: None,
            }),
        }
        Ok(Self(identity))
    }

    /// Gives the file at the path; not to be kept longer than this is.
    pub(crate) fn file(&self, path: &Path) -> io::Result<Arc<File>> {
        let mut open = lock();
        let entry = open.iter_mut().find(|entry| entry.identity == self.0);
        let entry = entry.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if let Some(file) = &entry.file {
            return Ok(Arc::clone(file));
        }
        // Another file has taken its place: opening and closing that one would cost others their locks on it.
        if Identity::of(path)? != self.0 {
            return Err(io::Error::other("another file has taken its place"));
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::clone(entry.file.insert(Arc::new(file))))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // It is closed while nobody else can begin to open connections.
        let mut open = lock();
        open.retain_mut(|entry| {
            entry.stores -= usize::from(entry.identity == self.0);
            entry.stores > 0
        });
    }
}

fn lock() -> MutexGuard<'static, Vec<Entry>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
