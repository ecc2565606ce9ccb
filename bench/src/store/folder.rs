//! Where stores are put that are measured.

use std::{fs, io, path::PathBuf};

/// Holds a folder of its own, which goes when this does.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let folder = format!("genspan-bench-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Names the file of a store.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("spans.db")
    }

    /// Counts the bytes of all files.
    pub(crate) fn bytes(&self) -> io::Result<u64> {
        let mut bytes = 0;
        for entry in fs::read_dir(&self.0)? {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever stays is in the system's own folder for what need not stay.
        drop(fs::remove_dir_all(&self.0));
    }
}
