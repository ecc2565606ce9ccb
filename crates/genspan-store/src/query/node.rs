//! One operation, whoever told of it.

use rusqlite::Connection;

use super::{amount, count, duration, hex, micros};
use crate::{
    file::Fault,
    prepare::facts::{Facts, SEPARATOR},
    read::{Link, SpanRow, Tokens},
    rows::{COLUMNS, Record},
};

/// Reads the spans that told the same as another.
pub(super) fn members(connection: &Connection, lead: i64) -> Result<Vec<Record>, Fault> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM span WHERE lead = ?1 ORDER BY started, span_id"
    ))?;
    let members = statement.query_map([lead], Record::from_row)?;
    Ok(members.collect::<rusqlite::Result<_>>()?)
}

/// Fills in what a span lacks and others know of the same operation.
pub(super) fn merge(lead: &mut Record, members: &[Record]) {
    for member in members {
        let (own, other) = (&mut lead.facts, &member.facts);
        if own.input.is_none() && own.output.is_none() {
            (own.input, own.cached) = (other.input, other.cached);
            (own.output, own.reasoning) = (other.output, other.reasoning);
        }
        if own.cost.is_none() {
            (own.cost, own.currency) = (other.cost, other.currency.clone());
        }
        for (own, other) in [
            (&mut own.operation, &other.operation),
            (&mut own.error_type, &other.error_type),
            (&mut own.error_message, &other.error_message),
            (&mut own.model, &other.model),
            (&mut own.provider, &other.provider),
            (&mut own.tool, &other.tool),
            (&mut own.tool_call_id, &other.tool_call_id),
            (&mut own.finish_reasons, &other.finish_reasons),
            (&mut lead.in_agent, &member.in_agent),
            (&mut lead.in_conversation, &member.in_conversation),
        ] {
            if own.is_none() {
                own.clone_from(other);
            }
        }
        own.first_chunk = own.first_chunk.or(other.first_chunk);
        own.is_truncated |= other.is_truncated;
    }
}

/// Shows an operation; `members` are the other spans that told of it.
pub(super) fn shown(mut lead: Record, members: &[Record]) -> SpanRow {
    merge(&mut lead, members);
    let mut sources = vec![lead.facts.source.clone()];
    for member in members {
        if !sources.contains(&member.facts.source) {
            sources.push(member.facts.source.clone());
        }
    }
    sources.sort();
    let facts = lead.facts;
    let links = links(&facts);
    SpanRow {
        span_id: hex(&facts.span_id),
        parent_id: facts.parent_id.map(|id| hex(&id)),
        kind: facts.kind.as_str(),
        start_micros: micros(facts.started),
        duration_micros: duration(facts.started, facts.ended),
        status: facts.status.as_str(),
        tokens: tokens(&facts),
        cost: amount(facts.cost, facts.currency.as_deref()),
        time_to_first_chunk_micros: facts.first_chunk.map(|nanos| duration(0, nanos)),
        finish_reasons: facts
            .finish_reasons
            .iter()
            .flat_map(|reasons| reasons.split(SEPARATOR))
            .map(str::to_owned)
            .collect(),
        name: facts.name,
        operation: facts.operation,
        error_type: facts.error_type,
        error_message: facts.error_message,
        model: facts.model,
        provider: facts.provider,
        tool: facts.tool,
        tool_call_id: facts.tool_call_id,
        agent: lead.in_agent,
        conversation_id: lead.in_conversation,
        truncated: facts.is_truncated,
        inferred: false,
        sources,
        links,
    }
}

pub(super) fn tokens(facts: &Facts) -> Tokens {
    Tokens {
        input: facts.input.map(count),
        cached: facts.cached.map(count),
        output: facts.output.map(count),
        reasoning: facts.reasoning.map(count),
    }
}

fn links(facts: &Facts) -> Vec<Link> {
    let bytes = facts.links.as_deref().unwrap_or_default();
    let links = bytes.chunks_exact(24).filter_map(|link| {
        let (trace, span) = link.split_at_checked(16)?;
        Some(Link {
            trace_id: hex(trace),
            span_id: hex(span),
        })
    });
    links.collect()
}
