//! Names of shared things that begin with when they came, so that in the file those stand together which come together.
//!
//! Were they sorted by what they are alone, each new one would change another page of an index that grows without end. What
//! is older than two eras is not found again, and kept once more where it comes again.

use rusqlite::{Connection, types::FromSql};

use crate::{content::Hash, file::Fault};

/// Says how many rows an era has, as a power of two: those of some tens of thousands of spans.
const ROWS: u32 = 17;

/// Bytes of a name that say when it came.
const BYTES: usize = 2;

/// Names the time in which something came, by the rows that were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Era(u16);

impl Era {
    /// Reads which era it is; `newest` asks for the newest row, which is `NULL` where there is none.
    pub(super) fn now(connection: &Connection, newest: &str) -> Result<Self, Fault> {
        let row: Option<i64> = connection
            .prepare_cached(newest)?
            .query_row([], |row| row.get(0))?;
        Ok(Self::of(row.unwrap_or_default()))
    }

    fn of(row: i64) -> Self {
        Self(u16::try_from(row >> ROWS).unwrap_or(u16::MAX))
    }

    const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// Names something that comes in this era.
    pub(super) fn name(self, hash: &Hash) -> Hash {
        let mut name = Hash::default();
        let bytes = self.0.to_be_bytes().into_iter().chain(hash.iter().copied());
        for (to, from) in name.iter_mut().zip(bytes) {
            *to = from;
        }
        name
    }

    /// Finds something that came in this era or in the one before; `sql` asks for what has one of two names.
    pub(super) fn find<T: FromSql>(
        self,
        connection: &Connection,
        sql: &str,
        hash: &Hash,
    ) -> Result<Option<(T, Hash)>, Fault> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.name(hash), self.before().name(hash)])?;
        Ok(match rows.next()? {
            Some(row) => Some((row.get(0)?, row.get(1)?)),
            None => None,
        })
    }
}

/// Tells whether a name is that of something.
pub(crate) fn is_name_of(name: &Hash, hash: &Hash) -> bool {
    name.iter()
        .skip(BYTES)
        .zip(hash)
        .all(|(name, hash)| name == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_an_era_stand_together() {
        let (low, high) = ([1; 16], [0xfe; 16]);
        let (first, second) = (Era::of((1 << ROWS) - 1), Era::of(1 << ROWS));
        assert!(first.name(&high) < second.name(&low));
        assert_eq!(second.before(), first);
        assert_eq!(first.before(), first);
        assert!(is_name_of(&second.name(&high), &high));
        assert!(!is_name_of(&second.name(&high), &low));
        assert_eq!(Era::of(i64::MAX), Era(u16::MAX));
    }
}
