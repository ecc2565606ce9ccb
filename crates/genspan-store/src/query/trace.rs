//! One trace.

use std::collections::{BTreeMap, HashMap, HashSet};

use genspan::TraceId;
use rusqlite::OptionalExtension;

use super::{
    Asker, hex, node,
    traces::{COLUMNS, Listed},
};
use crate::{
    file::Fault,
    read::{SpanRow, Trace},
    rows::Record,
    writer::{records, summarise},
};

/// Opens a trace.
pub(crate) fn trace(asker: &Asker<'_>, id: &TraceId) -> Result<Option<Trace>, Fault> {
    let listed = asker
        .connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM trace WHERE trace_id = ?1"))?
        .query_row([id.0], Listed::from_row)
        .optional()?;
    let Some(listed) = listed else {
        return Ok(None);
    };
    let spans = if listed.is_stale() {
        summarise(asker.connection, listed.row)?.map_or_else(Vec::new, |(spans, ..)| spans)
    } else {
        records(asker.connection, listed.row)?
    };
    let Some(trace) = listed.into_row(asker)? else {
        return Ok(None);
    };
    Ok(Some(Trace {
        trace,
        spans: rows(spans),
    }))
}

/// Shows spans in the order in which they began, what several told as one.
fn rows(mut spans: Vec<Record>) -> Vec<SpanRow> {
    spans.sort_by_key(|span| {
        let facts = &span.facts;
        (facts.started, std::cmp::Reverse(facts.ended), facts.span_id)
    });
    // Most traces are told by one source alone.
    let is_led = spans.iter().any(|span| span.lead.is_some());
    let told = spans.iter().filter(|_| is_led);
    let here: HashMap<i64, [u8; 8]> = told.map(|span| (span.row, span.facts.span_id)).collect();
    // Who stands within a span that told the same as another stands within that one.
    let mut leads: HashMap<[u8; 8], [u8; 8]> = HashMap::new();
    let mut members: HashMap<i64, Vec<Record>> = HashMap::new();
    let mut nodes = Vec::with_capacity(spans.len());
    for span in spans {
        match span.lead.and_then(|lead| Some((lead, *here.get(&lead)?))) {
            Some((lead, id)) => {
                leads.insert(span.facts.span_id, id);
                members.entry(lead).or_default().push(span);
            }
            None => nodes.push(span),
        }
    }
    let known: HashSet<[u8; 8]> = nodes.iter().map(|node| node.facts.span_id).collect();
    let mut missing: BTreeMap<[u8; 8], Vec<(i64, i64)>> = BTreeMap::new();
    for node in &mut nodes {
        let facts = &mut node.facts;
        if let Some(lead) = facts.parent_id.and_then(|parent| leads.get(&parent)) {
            facts.parent_id = (*lead != facts.span_id).then_some(*lead);
        }
        if let Some(parent) = facts.parent_id.filter(|parent| !known.contains(parent)) {
            let times = (facts.started, facts.ended);
            missing.entry(parent).or_default().push(times);
        }
    }
    let inferred = missing.into_iter().filter(|(_, within)| within.len() > 1);
    let mut rows: Vec<SpanRow> = inferred
        .map(|(id, within)| inferred_row(&id, &within))
        .collect();
    rows.extend(nodes.into_iter().map(|node| {
        let members = members.remove(&node.row).unwrap_or_default();
        node::shown(node, &members)
    }));
    rows.sort_by_key(|row| row.start_micros);
    rows
}

/// Shows a span that is only known by those within it.
fn inferred_row(id: &[u8; 8], within: &[(i64, i64)]) -> SpanRow {
    let started = within
        .iter()
        .map(|(started, _)| *started)
        .min()
        .unwrap_or_default();
    let ended = within
        .iter()
        .map(|(_, ended)| *ended)
        .max()
        .unwrap_or_default();
    SpanRow {
        span_id: hex(id),
        name: "not received".to_owned(),
        kind: "other",
        start_micros: super::micros(started),
        duration_micros: super::duration(started, ended),
        status: "ok",
        inferred: true,
        ..SpanRow::default()
    }
}
