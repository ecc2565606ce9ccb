//! What the reader's terminal can show.

use std::io::IsTerminal;

use genspan_tree::Style;

use crate::environment::Environment;

/// Lines below this width hold no tree that could be read.
const NARROWEST: usize = 60;

/// Finds out what `stream` can show: 80 columns unless the shell states others for a terminal.
pub(crate) fn style_of(stream: &impl IsTerminal, environment: &Environment) -> Style {
    let is_terminal = stream.is_terminal();
    let stated = environment
        .columns()
        .filter(|columns| is_terminal && *columns >= NARROWEST);
    Style {
        width: stated.unwrap_or(Style::PLAIN.width),
        unicode: environment.is_utf8(),
        colour: is_terminal && !environment.forbids_colour(),
    }
}
