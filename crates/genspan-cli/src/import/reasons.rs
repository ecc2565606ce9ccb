//! What was wrong with what was not read, and where.

use std::{fmt, path::Path};

/// Names a part of a file, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: String,
    /// What the part is called, and its number.
    part: Option<(&'static str, u64)>,
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Self {
            file: path.display().to_string(),
            part: None,
        }
    }

    /// Names an entry by its number, which counts from 1.
    pub(super) fn entry(path: &Path, nth: u64) -> Self {
        Self {
            part: Some(("entry", nth)),
            ..Self::file(path)
        }
    }

    /// Names a line by its number, which counts from 1.
    pub(super) fn line(path: &Path, nth: u64) -> Self {
        Self {
            part: Some(("line", nth)),
            ..Self::file(path)
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Some((what, nth)) => write!(f, "{}, {what} {nth}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Holds what was wrong, as much of it as a summary tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons {
    told: Vec<Reason>,
    /// How many were noted.
    all: u64,
}

/// Says what was wrong, and how often.
#[derive(Debug, PartialEq, Eq)]
struct Reason {
    /// What of a kind is told once; empty where it is told by itself.
    kind: String,
    first: Place,
    told: String,
    count: u64,
}

impl Reasons {
    /// The summary is for people: so many reasons are told, the rest is counted.
    const MOST: usize = 10;

    /// Notes what was wrong with a part of a file; what is of one kind is told once, with its number.
    pub(super) fn part(&mut self, kind: String, place: Place, told: String) {
        let same = |reason: &&mut Reason| !kind.is_empty() && reason.kind == kind;
        if let Some(reason) = self.told.iter_mut().find(same) {
            reason.count += 1;
            self.all += 1;
        } else {
            self.add(kind, place, told);
        }
    }

    /// Notes what was wrong with a whole file.
    pub(super) fn file(&mut self, path: &Path, told: String) {
        self.add(String::new(), Place::file(path), told);
    }

    fn add(&mut self, kind: String, first: Place, told: String) {
        self.all += 1;
        // Many broken parts do not hide a broken file.
        let is_alike = |reason: &&Reason| reason.first.part.is_none() == first.part.is_none();
        if self.told.iter().filter(is_alike).count() < Self::MOST {
            self.told.push(Reason {
                kind,
                first,
                told,
                count: 1,
            });
        }
    }
}

impl fmt::Display for Reasons {
    /// Writes them, a line each, and how many more there were.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Reason {
            first, told, count, ..
        } in &self.told
        {
            match count - 1 {
                0 => writeln!(f, "  {first}: {told}")?,
                more => writeln!(f, "  {first}, and {more} more: {told}")?,
            }
        }
        let told: u64 = self.told.iter().map(|reason| reason.count).sum();
        match self.all.saturating_sub(told) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}
