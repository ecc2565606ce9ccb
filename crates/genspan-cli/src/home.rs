//! Where genspan keeps what it records.

use std::{
    fs::DirBuilder,
    io,
    path::{Path, PathBuf},
};

/// Names the directory that holds genspan's own files; it is for its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    root: PathBuf,
}

impl Home {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Gives the file of the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store.db")
    }

    /// Gives the directory where telemetry waits for collectors that are away.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.root
    }

    /// Creates the directory where there is none.
    pub(crate) fn create(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(&self.root)
    }
}
