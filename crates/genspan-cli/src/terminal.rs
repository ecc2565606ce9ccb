//! What the reader's terminal can show.

use std::io::IsTerminal;

use crate::environment::Environment;

/// Says how text may be dressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Columns that a line may take.
    pub(crate) width: usize,
    /// Whether lines may hold more than ASCII.
    pub(crate) unicode: bool,
    /// Whether colours are welcome.
    pub(crate) colour: bool,
}

impl Style {
    /// Finds out what `stream` can show: 80 columns unless the shell states others for a terminal.
    pub(crate) fn of(stream: &impl IsTerminal, environment: &Environment) -> Self {
        let is_terminal = stream.is_terminal();
        let stated = environment
            .columns()
            .filter(|columns| is_terminal && *columns >= Self::NARROWEST);
        Self {
            width: stated.unwrap_or(Self::PLAIN.width),
            unicode: environment.is_utf8(),
            colour: is_terminal && !environment.forbids_colour(),
        }
    }

    /// Lines below this width hold no tree that could be read.
    const NARROWEST: usize = 60;

    /// Suits any reader.
    pub(crate) const PLAIN: Self = Self {
        width: 80,
        unicode: false,
        colour: false,
    };
}
