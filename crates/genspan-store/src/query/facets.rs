//! What there is to choose from in filters.

use super::Asker;
use crate::{file::Fault, read::Facets, shape::Facet};

/// Gives what there is to choose from; names are walked, not traces.
pub(crate) fn facets(asker: &Asker<'_>) -> Result<Facets, Fault> {
    let mut statement = asker.connection.prepare_cached(
        "WITH RECURSIVE name (word) AS (
            SELECT min(word) FROM facet WHERE kind = ?1
            UNION ALL
            SELECT (SELECT min(word) FROM facet WHERE kind = ?1 AND word > name.word) FROM name WHERE name.word IS NOT NULL
        ) SELECT word FROM name WHERE word IS NOT NULL LIMIT 1000",
    )?;
    let mut names = |facet: Facet| -> Result<Vec<String>, Fault> {
        let names = statement.query_map([facet.column()], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    };
    Ok(Facets {
        models: names(Facet::Model)?,
        providers: names(Facet::Provider)?,
        tools: names(Facet::Tool)?,
        agents: names(Facet::Agent)?,
        services: names(Facet::Service)?,
        operations: names(Facet::Operation)?,
        sources: names(Facet::Source)?,
    })
}
