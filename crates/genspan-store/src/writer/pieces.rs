//! Content that spans share, each piece once, with how often it is used.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::era::Era;
use crate::{
    content::{
        Hash, Leaf, Piece, Segment,
        code::{self, Place},
    },
    file::Fault,
};

/// Gathers the uses of pieces within a transaction; they are written at its end.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    era: Option<Era>,
    /// By what they are; what they are called in the file.
    names: HashMap<Hash, Hash>,
    /// By what they are called in the file.
    known: HashMap<Hash, Known>,
}

#[derive(Debug)]
struct Known {
    content: i64,
    is_new: bool,
    change: i64,
}

impl Pieces {
    /// Uses a piece once more, and gives its row.
    fn take(&mut self, connection: &Connection, piece: &Piece) -> Result<i64, Fault> {
        if let Some(name) = self.names.get(&piece.hash)
            && let Some(known) = self.known.get_mut(name)
        {
            known.change += 1;
            return Ok(known.content);
        }
        let era = self.era(connection)?;
        let found = era.find(
            connection,
            "SELECT content, hash FROM piece WHERE hash IN (?1, ?2) ORDER BY hash DESC",
            &piece.hash,
        )?;
        let (content, name, is_new) = match found {
            Some((content, name)) => (content, name, false),
            None => {
                let name = era.name(&piece.hash);
                connection
                    .prepare_cached("INSERT INTO content (hash, bytes) VALUES (?1, ?2)")?
                    .execute(params![name, piece.packed])?;
                (connection.last_insert_rowid(), name, true)
            }
        };
        self.names.insert(piece.hash, name);
        // What was released before stays released once.
        let known = self.known.entry(name).or_insert(Known {
            content,
            is_new,
            change: 0,
        });
        known.change += 1;
        Ok(known.content)
    }

    fn era(&mut self, connection: &Connection) -> Result<Era, Fault> {
        if let Some(era) = self.era {
            return Ok(era);
        }
        let era = Era::now(connection, "SELECT max(id) FROM content")?;
        self.era = Some(era);
        Ok(era)
    }

    /// Uses all pieces of a message, and gives where they are, as bytes.
    pub(super) fn take_all(
        &mut self,
        connection: &Connection,
        origin: &Piece,
        leaves: &[Leaf],
    ) -> Result<Vec<u8>, Fault> {
        let origin = self.take(connection, origin)?;
        let mut places = code::Places::with_capacity(leaves.len());
        for leaf in leaves {
            let mut found = Vec::with_capacity(leaf.segments.len());
            for segment in &leaf.segments {
                found.push(match segment {
                    Segment::Inline(bytes) => Place::Inline(bytes.clone()),
                    Segment::Piece(piece) => Place::Content(self.take(connection, piece)?),
                });
            }
            places.push((leaf.node, found));
        }
        Ok(code::encode(origin, &places))
    }

    /// Uses the pieces of a message once less.
    pub(super) fn release(&mut self, connection: &Connection, places: &[u8]) -> Result<(), Fault> {
        let (origin, places) = code::decode(places)?;
        let within = places.into_iter().flat_map(|(_, segments)| segments);
        let rows = within.filter_map(|place| match place {
            Place::Content(row) => Some(row),
            Place::Inline(_) => None,
        });
        for content in std::iter::once(origin).chain(rows) {
            let hash: Option<Hash> = connection
                .prepare_cached("SELECT hash FROM content WHERE id = ?1")?
                .query_row([content], |row| row.get(0))
                .optional()?;
            let Some(hash) = hash else { continue };
            let known = self.known.entry(hash).or_insert(Known {
                content,
                is_new: false,
                change: 0,
            });
            known.change -= 1;
        }
        Ok(())
    }

    /// Writes how often pieces are used; those that nobody uses any more go.
    pub(super) fn finish(self, connection: &Connection) -> Result<(), Fault> {
        let mut known: Vec<(Hash, Known)> = self.known.into_iter().collect();
        known.sort_unstable_by_key(|(hash, _)| *hash);
        for (hash, known) in known {
            let left = if known.is_new {
                connection
                    .prepare_cached("INSERT INTO piece (hash, content, uses) VALUES (?1, ?2, ?3)")?
                    .execute(params![hash, known.content, known.change])?;
                known.change
            } else if known.change == 0 {
                continue;
            } else {
                connection
                    .prepare_cached(
                        "UPDATE piece SET uses = uses + ?2 WHERE hash = ?1 RETURNING uses",
                    )?
                    .query_row(params![hash, known.change], |row| row.get(0))?
            };
            if left <= 0 {
                connection
                    .prepare_cached("DELETE FROM piece WHERE hash = ?1")?
                    .execute([hash])?;
                connection
                    .prepare_cached("DELETE FROM content WHERE id = ?1")?
                    .execute([known.content])?;
            }
        }
        Ok(())
    }
}
