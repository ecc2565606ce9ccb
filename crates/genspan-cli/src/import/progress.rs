//! How far a long import has come, for those who watch.

use std::io::{self, IsTerminal, Read, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// Shows a bar on standard error where that is a terminal, and nothing elsewhere.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins to show the way through `size` bytes.
    pub(super) fn new(size: u64, is_quiet: bool) -> Self {
        let is_shown = !is_quiet && io::stderr().is_terminal();
        let bar = if is_shown {
            ProgressBar::new(size)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {percent:>3}% {bytes_per_sec:>12}")
        {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Moves on with what is read through the returned reader.
    pub(super) fn watch<R: Read>(&self, reader: R) -> impl Read {
        self.bar.wrap_read(reader)
    }

    /// Tells something on standard error, the bar apart.
    pub(super) fn tell(&self, line: &str) {
        // Where standard error is closed there is nobody left to tell.
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{line}")));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
