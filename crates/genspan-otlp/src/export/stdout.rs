//! Lines to standard output.

use std::io::{self, Stdout, Write};

use super::lines::{Lines, Out};

pub(super) fn open() -> Lines {
    Lines::new(io::stdout())
}

impl Out for Stdout {
    fn sync(&mut self) -> io::Result<()> {
        self.flush()
    }
}
