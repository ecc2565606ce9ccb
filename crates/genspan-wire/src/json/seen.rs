//! Which members an object stated, and how documents of a stream begin.

/// Notes which members were stated, each a bit: of equal names the last one counts, which is left to another reader.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen(u32);

impl Seen {
    /// Notes a member; `None` at the second time.
    pub(crate) const fn once(&mut self, member: u32) -> Option<()> {
        if self.0 & member != 0 {
            return None;
        }
        self.0 |= member;
        Some(())
    }

    /// Tells whether a member was there, `null` or not.
    pub(crate) const fn has(self, member: u32) -> bool {
        self.0 & member != 0
    }
}

/// Remembers how a document began and what was read there: in a stream nearly all begin alike, up to the piece that
/// they bring.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beginning<T> {
    text: String,
    read: T,
}

impl<T: Copy> Beginning<T> {
    /// Longer ones are not remembered.
    const MAX: usize = 4096;

    /// Tells what was read of a document that begins as this one does, and of how many bytes.
    pub(crate) fn of(&self, document: &str) -> Option<(usize, T)> {
        let begins_alike = !self.text.is_empty() && document.starts_with(&self.text);
        begins_alike.then_some((self.text.len(), self.read))
    }

    /// Remembers the beginning of a document in place of the last one.
    pub(crate) fn remember(&mut self, text: &str, read: T) {
        self.text.clear();
        if text.len() <= Self::MAX {
            self.text.push_str(text);
        }
        self.read = read;
    }

    /// Forgets what was read: documents of another kind came between.
    pub(crate) fn forget(&mut self) {
        self.text.clear();
    }
}
