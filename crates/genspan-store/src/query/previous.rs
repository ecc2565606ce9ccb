//! The call that another goes on from.

use rusqlite::params;

use super::{Asker, hex};
use crate::{file::Fault, prepare::facts::Kind, read::Previous, rows::Record};

/// Calls that are looked at, the latest first.
const CANDIDATES: i64 = 32;

/// Finds the call before this one, of its conversation or else of its trace, that knew most of its messages.
pub(super) fn previous(
    asker: &Asker<'_>,
    call: &Record,
    thread: &[u8],
) -> Result<Option<Previous>, Fault> {
    let Some(input) = input(thread) else {
        return Ok(None);
    };
    let (column, value): (_, &dyn rusqlite::ToSql) = match &call.in_conversation {
        Some(conversation) => ("in_conversation", conversation),
        None => ("trace", &call.trace),
    };
    let mut statement = asker.connection.prepare_cached(&format!(
        "SELECT span.span_id, trace.trace_id, body.thread
         FROM span JOIN body ON body.span = span.id JOIN trace ON trace.id = span.trace
         WHERE span.{column} = ?1 AND span.started < ?2 AND span.kind = ?3 AND span.lead IS NULL AND body.thread IS NOT NULL
         ORDER BY span.started DESC, span.id DESC LIMIT ?4"
    ))?;
    let mut rows = statement.query(params![
        value,
        call.facts.started,
        Kind::Chat.column(),
        CANDIDATES
    ])?;
    let mut best: Option<Previous> = None;
    while let Some(row) = rows.next()? {
        let thread: Vec<u8> = row.get(2)?;
        let shared = shared(&thread, input);
        if shared > best.as_ref().map_or(0, |best| best.shared_messages) {
            best = Some(Previous {
                span_id: hex(&row.get::<_, [u8; 8]>(0)?),
                trace_id: hex(&row.get::<_, [u8; 16]>(1)?),
                shared_messages: shared,
            });
        }
    }
    Ok(best)
}

/// Gives the names of the messages of the input, four bytes each.
fn input(thread: &[u8]) -> Option<&[u8]> {
    let (count, names) = thread.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*count))
        .ok()?
        .checked_mul(4)?;
    names.get(..length).filter(|names| !names.is_empty())
}

/// Counts the messages from the first on that another call knew, its answer included.
fn shared(thread: &[u8], input: &[u8]) -> usize {
    let known = thread.get(4..).unwrap_or_default();
    known
        .chunks_exact(4)
        .zip(input.chunks_exact(4))
        .take_while(|(known, own)| known == own)
        .count()
}
