//! What a process could not record of what it was given to do.

use std::fmt;

/// Counts from a process's beginning, or of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Losses {
    /// Operations of which there is nothing.
    pub(crate) operations: u64,
    /// Operations of which the content is missing.
    pub(crate) contents: u64,
    /// Spans, events and points that did not reach the file.
    pub(crate) undelivered: u64,
    /// Bytes of bodies that were not decoded, because too many waited.
    pub(crate) skipped: u64,
}

impl Losses {
    /// Writes it for [`read`](Self::read).
    pub(crate) fn line(self) -> String {
        let Self {
            operations,
            contents,
            undelivered,
            skipped,
        } = self;
        format!("{operations} {contents} {undelivered} {skipped}")
    }

    /// Reads a line; a process that records nothing loses nothing.
    pub(crate) fn read(line: &str) -> Self {
        let mut numbers = line.split(' ').map(|it| it.parse().unwrap_or_default());
        let mut next = || numbers.next().unwrap_or_default();
        Self {
            operations: next(),
            contents: next(),
            undelivered: next(),
            skipped: next(),
        }
    }

    /// What was lost since.
    pub(crate) const fn since(self, before: Self) -> Self {
        Self {
            operations: self.operations.saturating_sub(before.operations),
            contents: self.contents.saturating_sub(before.contents),
            undelivered: self.undelivered.saturating_sub(before.undelivered),
            skipped: self.skipped.saturating_sub(before.skipped),
        }
    }

    /// Adds what was lost in another round.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            operations: self.operations.saturating_add(other.operations),
            contents: self.contents.saturating_add(other.contents),
            undelivered: self.undelivered.saturating_add(other.undelivered),
            skipped: self.skipped.saturating_add(other.skipped),
        }
    }

    /// Tells whether nothing is lost.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} operations lost, {} without content, {} items undelivered, {} MB of bodies passed over",
            self.operations,
            self.contents,
            self.undelivered,
            self.skipped / 1_000_000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Losses;

    #[test]
    fn losses_are_read_as_they_were_written() {
        let losses = Losses {
            operations: 1,
            contents: 2,
            undelivered: 3,
            skipped: 4,
        };
        assert_eq!(Losses::read(&losses.line()), losses);
        assert!(Losses::read("").is_none());
        assert!(losses.since(losses).is_none());
        assert_eq!(losses.and(losses).since(losses), losses);
    }
}
