//! How text may be dressed.

/// Says what the reader's terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns that a line may take.
    pub width: usize,
    /// Whether lines may hold more than ASCII.
    pub unicode: bool,
    /// Whether colours are welcome.
    pub colour: bool,
}

impl Style {
    /// Suits any reader.
    pub const PLAIN: Self = Self {
        width: 80,
        unicode: false,
        colour: false,
    };
}
