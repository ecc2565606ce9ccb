//! A note beside a store that tells who serves it.
//!
//! The note is true for as long as a lock is held on the file beside it. The system lets go of the lock however a
//! process ends, so a note that was left behind is known for what it is.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::server::Addresses;
use crate::token::Token;

/// Tells of a server that is running: whoever can read the store can reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The server's process.
    pub process: u32,
    /// Where it listens.
    pub addresses: Addresses,
    /// What it wants to be shown.
    pub token: Option<Token>,
}

/// Is what stands in the note.
#[derive(Debug, Deserialize, Serialize)]
struct Note {
    pid: u32,
    grpc: SocketAddr,
    http: SocketAddr,
    ui: SocketAddr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Says why a server cannot tell that it is there.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// Another server has the store.
    #[error("another genspan serve has this store{}: stop it, or take another store", .other.as_ref().map_or_else(String::new, |other| format!(" (process {}, http://{})", other.process, other.addresses.ui)))]
    Taken {
        /// The other, as far as it told of itself.
        other: Option<Box<Presence>>,
    },
    /// The files cannot be written.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Keeps a store for one server, and takes the note away when it is dropped.
#[derive(Debug)]
pub struct Claim {
    note: PathBuf,
    _lock: File,
}

/// Whoever looks for a server holds the lock for a moment.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(10);

impl Claim {
    /// Claims the store at `store`, which need not exist yet, for this process.
    ///
    /// # Errors
    ///
    /// Returns an error where another server has it, or nothing can be written beside it.
    pub fn take(store: &Path) -> Result<Self, PresenceError> {
        let path = beside(store, ".lock");
        let unwritable = |source| PresenceError::Unwritable {
            path: path.clone(),
            source,
        };
        let lock = private().create(true).open(&path).map_err(unwritable)?;
        let mut tries = 0;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(unwritable(error)),
                Err(TryLockError::WouldBlock) if tries == TRIES => {
                    let other = Presence::read(store).map(Box::new);
                    return Err(PresenceError::Taken { other });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN),
            }
            tries += 1;
        }
        let note = beside(store, ".json");
        // What another left behind is true no more.
        drop(fs::remove_file(&note));
        Ok(Self { note, _lock: lock })
    }

    /// Tells where the server is, for this user's eyes alone.
    ///
    /// # Errors
    ///
    /// Returns an error where the note cannot be written.
    pub fn tell(&self, addresses: Addresses, token: Option<&Token>) -> Result<(), PresenceError> {
        let note = Note {
            pid: std::process::id(),
            grpc: addresses.grpc,
            http: addresses.http,
            ui: addresses.ui,
            token: token.map(|token| token.reveal().to_owned()),
        };
        let write = || {
            let text = serde_json::to_vec(&note)?;
            let unfinished = self.note.with_extension("json.new");
            drop(fs::remove_file(&unfinished));
            let mut file = private().create_new(true).open(&unfinished)?;
            file.write_all(&text)?;
            fs::rename(&unfinished, &self.note)
        };
        write().map_err(|source| PresenceError::Unwritable {
            path: self.note.clone(),
            source,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Where it cannot be removed it is known as stale by the lock.
        drop(fs::remove_file(&self.note));
    }
}

impl Presence {
    /// Finds the server that has the store at `store`, where one is running.
    #[must_use]
    pub fn find(store: &Path) -> Option<Self> {
        let found = Self::read(store)?;
        let lock = File::open(beside(store, ".lock")).ok()?;
        // Who gets the lock knows that nobody else has it, and lets go of it by closing the file.
        let is_held = matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
        is_held.then_some(found)
    }

    fn read(store: &Path) -> Option<Self> {
        let text = fs::read(beside(store, ".json")).ok()?;
        let note: Note = serde_json::from_slice(&text).ok()?;
        Some(Self {
            process: note.pid,
            addresses: Addresses {
                grpc: note.grpc,
                http: note.http,
                ui: note.ui,
            },
            token: note.token.map(Token::new).transpose().ok()?,
        })
    }
}

/// Names a file of the server's beside the store's: `x.db` has `x.db.serve.lock` and `x.db.serve.json`.
fn beside(store: &Path, extension: &str) -> PathBuf {
    let mut name = store.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".serve");
    name.push(extension);
    store.with_file_name(name)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(name: &str) -> PathBuf {
        let directory =
            std::env::temp_dir().join(format!("genspan-presence-{}-{name}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory.join("store.db")
    }

    fn tidy(store: &Path) {
        fs::remove_dir_all(store.parent().unwrap()).unwrap();
    }

    fn addresses() -> Addresses {
        let of = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Addresses {
            grpc: of(1),
            http: of(2),
            ui: of(3),
        }
    }

    #[test]
    fn a_server_is_found_for_as_long_as_it_runs() {
        let store = store("found");
        assert_eq!(Presence::find(&store), None);
        let claim = Claim::take(&store).unwrap();
        assert_eq!(Presence::find(&store), None);
        let token = Token::generate().unwrap();
        claim.tell(addresses(), Some(&token)).unwrap();
        let found = Presence::find(&store).unwrap();
        let want = Presence {
            process: std::process::id(),
            addresses: addresses(),
            token: Some(token),
        };
        assert_eq!(found, want);
        let taken = Claim::take(&store).unwrap_err();
        let process = std::process::id().to_string();
        insta::assert_snapshot!(taken.to_string().replace(&process, "PROCESS"), @"another genspan serve has this store (process PROCESS, http://127.0.0.1:3): stop it, or take another store");
        drop(claim);
        assert_eq!(Presence::find(&store), None);
        drop(Claim::take(&store).unwrap());
        tidy(&store);
    }

    #[test]
    fn a_note_without_its_server_is_stale() {
        let store = store("stale");
        let claim = Claim::take(&store).unwrap();
        claim.tell(addresses(), None).unwrap();
        let note = beside(&store, ".json");
        let text = fs::read(&note).unwrap();
        drop(claim);
        fs::write(&note, text).unwrap();
        assert_eq!(Presence::find(&store), None);
        let claim = Claim::take(&store).unwrap();
        assert!(!note.exists());
        fs::write(&note, "no JSON").unwrap();
        assert_eq!(Presence::find(&store), None);
        drop(claim);
        tidy(&store);
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_the_note() {
        use std::os::unix::fs::PermissionsExt;

        let store = store("private");
        let claim = Claim::take(&store).unwrap();
        claim.tell(addresses(), None).unwrap();
        for extension in [".json", ".lock"] {
            let mode = fs::metadata(beside(&store, extension))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{extension}");
        }
        drop(claim);
        tidy(&store);
    }
}
