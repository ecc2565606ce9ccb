//! How many bytes one answer may open.

/// Holds how many bytes may still be opened.
///
/// Rows differ in size by a factor of a million, so their number alone bounds neither time nor memory. What is opened last may
/// go beyond it, so that each answer shows something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) const fn new(bytes: usize) -> Self {
        Self { left: bytes }
    }

    /// Notes that so many bytes were opened.
    pub(super) const fn spend(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.left == 0
    }
}
