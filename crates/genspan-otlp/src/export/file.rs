//! Lines to a private file.

use std::{fs::File, io, path::Path};

use super::lines::{Lines, Out};
use crate::private;

/// Opens a file to append to; a new one is for its owner alone.
pub(super) fn open(path: &Path) -> io::Result<Lines> {
    private::append(path).map(Lines::new)
}

impl Out for File {
    fn sync(&mut self) -> io::Result<()> {
        match self.sync_all() {
            // Pipes and terminals have nothing to sync.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            result => result,
        }
    }
}
